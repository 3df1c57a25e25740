import Crypto
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
        try await verify(chain).firstBreak?.position
    }

    func verify(_ chain: AuditChain? = nil) async throws -> AuditVerdict {
        let (chain, seal) = (chain ?? self.chain, try Self.seal())
        return try await database.read { try chain.verify(seal, in: $0) }
    }

    /// - Returns: how many lines were cut off.
    func cut(before horizon: Timestamp, limit: Int = 500, _ seal: AuditSeal? = nil) async throws -> Int {
        let (chain, seal, now) = (chain, try seal ?? Self.seal(), clock.now)
        return try await database.write { try chain.cut(before: horizon, limit: limit, at: now, seal, in: $0) }
    }

    static func seal(_ keys: UInt8...) throws -> AuditSeal {
        let keys = (keys.isEmpty ? [1] : keys).map { Secret([UInt8](repeating: $0, count: MasterKey.byteCount)) }
        return AuditSeal(try MasterKey(keys: keys))
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
