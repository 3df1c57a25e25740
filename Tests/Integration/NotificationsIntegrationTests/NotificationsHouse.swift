import Assets
import ChangeFeeds
import Composition
import Crypto
import DatabaseSupport
import HTTP
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import SQL
import Shared
import Templates
import TestSupport
import Testing
import Transactions

@testable import NotificationsInfrastructure

/// The adapters of Notifications over a database of its own, with a clock to move.
struct NotificationsHouse: Sendable {
    let database: any Database
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()

    func resources() throws -> ModuleResources {
        try ModuleResources(
            process: ProcessSettings(appName: "Gapura", appURL: "http://localhost:8080", isProduction: false),
            database: database,
            masterKey: Self.masterKey,
            templates: Self.templates,
            origins: OriginPolicy(own: "http://localhost:8080", listed: [], allowsLocalhost: false), clock: clock,
            identifiers: identifiers, logger: .silent)
    }

    func work() throws -> any NotificationsWork {
        let resources = try resources()
        let changes = ChangeFeed(
            "notification rules", database: database, source: SQLRuleChanges(), interval: .seconds(60), clock: clock,
            logger: .silent)
        return resources.unitOfWork(of: "notifications") {
            SQLNotificationsContext(sql: $0, jobs: resources.jobs, ruleChanges: changes)
        }
    }

    var mailbox: SQLCapturedMailbox { SQLCapturedMailbox(database: database) }

    static let masterKey: MasterKey = {
        guard let key = try? MasterKey(keys: [Secret([UInt8](repeating: 1, count: MasterKey.byteCount))]) else {
            preconditionFailure("one key of the right length is a master key")
        }
        return key
    }()

    static let templates = TemplateCatalog(appName: "Gapura") { Assets.text("templates/\($0)") }

    func count(_ table: String) async throws -> Int {
        try await database.read { transaction in
            try transaction.first(Statement(unsafeSQL: "SELECT count(*) FROM \(table)")) { try $0.integer(0) } ?? 0
        }
    }

    func mail(_ number: UInt64, text: String = "https://gapura.test/verify?token=t") throws -> Mail {
        Mail(
            id: .init(SequentialIdentifiers.identifier(number)), to: try #require(EmailAddress("ana@example.com")),
            subject: "Subject \(number)", text: text, html: "<p>Hello \(number)</p>", createdAt: clock.now)
    }
}

/// A house over each database, one after the other.
func withNotificationsHouse(_ body: (NotificationsHouse) async throws -> Void) async throws {
    try await withEachDatabase([.messaging, .jobs, .audit, .module("Notifications")]) { database in
        try await body(NotificationsHouse(database: database))
    }
}
