import DatabaseSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import Audit

/// The audit log over a database, with a clock to move.
struct AuditHouse: Sendable {
    let database: any Database
    /// At the start of a minute, in which refusals are counted together.
    let clock = ManualClock(Timestamp(seconds: 1_790_000_040))
    let identifiers: any IdentifierSource
    let chain = AuditChain(writer: "test")

    init(database: any Database) {
        self.database = database
        identifiers = TimeOrderedIdentifierSource(clock: clock)
    }

    func log(writer: String = "test") -> AuditLog {
        AuditLog(writer: writer, identifiers: identifiers, clock: clock)
    }

    func append(_ entries: AuditEntry..., writer: String = "test") async throws {
        let log = log(writer: writer)
        try await database.write { transaction in
            for entry in entries { try log.append(entry, in: transaction) }
        }
    }

    func seal(_ chain: AuditChain? = nil, limit: Int = 500) async throws -> Int {
        let (chain, now) = (chain ?? self.chain, clock.now)
        return try await database.write { try chain.seal(at: now, limit: limit, in: $0) }
    }

    func firstBreak(_ chain: AuditChain? = nil) async throws -> Int? {
        let chain = chain ?? self.chain
        return try await database.read { try chain.firstBreak(in: $0) }
    }

    func execute(_ statement: Statement) async throws {
        try await database.write { _ = try $0.execute(statement) }
    }

    func integer(_ sql: String) async throws -> Int? {
        try await database.read { try $0.first(Statement(unsafeSQL: sql)) { try $0.integer(0) } }
    }
}

/// A house over each database, one after the other.
func withAuditHouse(_ body: (AuditHouse) async throws -> Void) async throws {
    try await withEachDatabase([.audit]) { try await body(AuditHouse(database: $0)) }
}

extension AuditEntry {
    /// A refused sign-in from an address.
    static func refusedSignIn(
        because reason: String = "invalid_credentials", on subject: String? = "user:1",
        from address: String = "192.0.2.1", as references: [Identifier] = []
    ) -> AuditEntry {
        .refused(
            "session.open", because: reason, by: "anonymous", on: subject,
            personal: ["address": address, "user_agent": "Test/1"], references: references)
    }
}
