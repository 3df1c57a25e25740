import AccountsApplication
import AccountsContract
import AccountsDomain
import Assets
import Audit
import AuthorizationDoubles
import ChangeFeeds
import Composition
import Configuration
import Crypto
import DatabaseSupport
import HTTP
import Lifecycle
import Messaging
import SQL
import Shared
import Templates
import TestSupport
import Testing
import Transactions

@testable import AccountsInfrastructure

/// The adapters of Accounts over a database of its own, with a clock to move and cheap hashes.
struct AccountsHouse: Sendable {
    let database: any Database & Service
    let clock: ManualClock
    let identifiers: any IdentifierSource
    let outbox: Outbox
    let auditLog: AuditLog
    let published = Wakeup()
    let revocations: ChangeFeed<Revocation>
    let passwordHashing: PasswordHashing

    static let appURL = "http://localhost:8080"

    init(_ database: any Database & Service, clock: ManualClock) throws {
        self.database = database
        self.clock = clock
        identifiers = TimeOrderedIdentifierSource(clock: clock)
        outbox = Outbox(identifiers: identifiers, clock: clock)
        auditLog = AuditLog(writer: "test", identifiers: identifiers, clock: clock)
        revocations = ChangeFeed(
            "revocations", database: database, source: SQLRevocations(), interval: .milliseconds(500), clock: clock,
            logger: .silent)
        passwordHashing = try PasswordHashing(
            cost: try #require(Argon2Cost(memory: .kibibytes(8), iterations: 1)), concurrency: 2, queueLimit: 200)
    }

    var work: any AccountsWork {
        SQLUnitOfWork("accounts", database: database, outbox: outbox, auditLog: auditLog, published: published) {
            [revocations] in SQLAccountsContext(sql: $0, revocationFeed: revocations)
        }
    }

    var hasher: Argon2PasswordHasher { Argon2PasswordHasher(hashing: passwordHashing, placeSecret: Secret([1])) }

    static func masterKey(_ byte: UInt8 = 1) throws -> MasterKey {
        try MasterKey(keys: [Secret([UInt8](repeating: byte, count: MasterKey.byteCount))])
    }

    static func settings(_ values: [String: String] = [:]) throws -> AccountsSettings {
        var reader = SettingsReader(values: values) { _ in "" }
        let settings = AccountsSettings(&reader, appURL: appURL, isProduction: false, coreCount: 2)
        try #require(reader.failures == [])
        return settings
    }

    func dependencies(masterKey: MasterKey? = nil) throws -> AccountsDependencies {
        let resources = try ModuleResources(
            process: ProcessSettings(appName: "Gapura", appURL: Self.appURL, isProduction: false), database: database,
            masterKey: try masterKey ?? Self.masterKey(),
            templates: TemplateCatalog(appName: "Gapura") { Assets.text("templates/\($0)") },
            origins: OriginPolicy(own: Self.appURL, listed: [], allowsLocalhost: false), published: published,
            auditWriter: "test", clock: clock, identifiers: identifiers, stopwatch: clock, logger: .silent)
        resources.personalData.provide([])
        return AccountsDependencies(resources, passwordHashing: passwordHashing)
    }

    /// The adapters as one more process over this database would have them.
    func adapters(_ values: [String: String] = [:], masterKey: MasterKey? = nil) async throws -> AccountsAdapters {
        try await AccountsAdapters(try Self.settings(values), try dependencies(masterKey: masterKey))
    }

    func useCases(_ values: [String: String] = [:]) async throws -> AccountsUseCases {
        AccountsUseCases(try await adapters(values).ports, try Self.settings(values), try dependencies())
    }

    func module(_ values: [String: String] = ["RATE_LIMIT": "off"]) async throws -> AccountsModule {
        try await AccountsModule(try Self.settings(values), try dependencies())
    }

    /// The module's routes for people whom it knows itself, with no permissions.
    func routes(_ values: [String: String] = ["RATE_LIMIT": "off"]) async throws -> [Route] {
        routes(of: try await module(values))
    }

    func routes(of module: AccountsModule) -> [Route] {
        let origins = OriginPolicy(own: Self.appURL, listed: [], allowsLocalhost: false)
        let gate = GateDouble(origins: origins) { token in
            try await module.facade.caller(accessToken: token).map { caller in
                Principal(
                    .session(caller.sessionID.value), of: caller.userID.value, permissions: .empty,
                    client: Person.client)
            }
        }
        return module.routes(behind: gate)
    }

    static let schemas: [TestSchema] = [.messaging, .audit, .idempotency, .module("Accounts")]
}

extension AccountsHouse {
    /// The published events' types and data, in order.
    func published() async throws -> [(type: String, data: String)] {
        try await database.read { transaction in
            try transaction.query("SELECT type, data FROM outbox_events ORDER BY number") {
                (type: try $0.text(0), data: try $0.json(1))
            }
        }
    }

    /// The actions in the audit log, in order.
    func auditedActions() async throws -> [String] {
        try await database.read { transaction in
            try transaction.query("SELECT action FROM audit_entries ORDER BY id") { try $0.text(0) }
        }
    }

    /// The newest link of a purpose, whosever it is.
    func latestLink(_ purpose: ValidationToken.Purpose) async throws -> ValidationID? {
        try await database.read { transaction in
            try transaction.first(
                """
                SELECT id FROM validation_tokens WHERE purpose = \(purpose.rawValue)
                ORDER BY created_at DESC, id DESC LIMIT 1
                """
            ) { try $0.id(0) }
        }
    }

    func count(_ table: String) async throws -> Int {
        try await database.read { transaction in
            try transaction.first(Statement(unsafeSQL: "SELECT count(*) FROM \(table)")) { try $0.integer(0) } ?? 0
        }
    }
}

/// A house over each database, one after the other.
///
/// - Parameter clock: makes the clock of each.
func withAccountsHouse(
    clock: () -> ManualClock = { ManualClock() }, _ body: (AccountsHouse) async throws -> Void
) async throws {
    try await withEachDatabase(AccountsHouse.schemas) { database in
        try await body(try AccountsHouse(database, clock: clock()))
    }
}
