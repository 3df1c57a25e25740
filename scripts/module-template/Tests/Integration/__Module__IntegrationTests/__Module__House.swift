import AuthorizationDoubles
import Composition
import Crypto
import DatabaseSupport
import HTTP
import SQL
import Shared
import Templates
import TestSupport
import __Module__Application
import __Module__Contract

@testable import __Module__Infrastructure

/// The adapters of __Module__ over a database of its own, with a clock to move.
struct __Module__House: Sendable {
    let database: any Database
    let clock: ManualClock
    private let resources: ModuleResources

    private static let appURL = "http://localhost:8080"

    init(_ database: any Database) throws {
        self.database = database
        clock = ManualClock()
        resources = try ModuleResources(
            process: ProcessSettings(appName: "Gapura", appURL: Self.appURL, isProduction: false), database: database,
            masterKey: try MasterKey(keys: [Secret([UInt8](repeating: 1, count: MasterKey.byteCount))]),
            templates: TemplateCatalog(appName: "Gapura") { _ in nil },
            origins: OriginPolicy(own: Self.appURL, listed: [], allowsLocalhost: false), clock: clock,
            identifiers: SequentialIdentifiers(), logger: .silent)
    }

    var work: any __Module__Work {
        resources.unitOfWork(of: "__table__") { SQL__Module__Context(sql: $0) }
    }

    var module: __Module__Module { __Module__Module(resources) }

    /// The types of the published events, in order.
    func publishedTypes() async throws -> [String] {
        try await database.read { transaction in
            try transaction.query("SELECT type FROM outbox_events ORDER BY number") { try $0.text(0) }
        }
    }

    /// The actions in the audit log, in order.
    func auditedActions() async throws -> [String] {
        try await database.read { transaction in
            try transaction.query("SELECT action FROM audit_entries ORDER BY id") { try $0.text(0) }
        }
    }

    /// For somebody with the token `writer`, who may add.
    var routes: [Route] {
        let origins = OriginPolicy(own: Self.appURL, listed: [], allowsLocalhost: false)
        let gate = GateDouble(origins: origins) { token in
            let person = SequentialIdentifiers.identifier(900)
            return token == "writer"
                ? Principal(
                    .session(person), of: person,
                    permissions: PermissionSet([__Module__Permission.write.permission]),
                    client: ClientInfo(address: .loopback, userAgent: nil)) : nil
        }
        return module.routes(behind: gate)
    }
}

/// A house over each database, one after the other.
func with__Module__House(_ body: (__Module__House) async throws -> Void) async throws {
    try await withEachDatabase([.messaging, .audit, .idempotency, .module("__Module__")]) {
        try await body(__Module__House($0))
    }
}
