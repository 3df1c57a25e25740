import Assets
import SQL
import SQLite
import Shared
import TestSupport
import Testing

@testable import Audit

/// The audit log over an SQLite file, with a clock to move.
struct AuditHouse: Sendable {
    let database: SQLiteDatabase
    /// At the start of a minute, in which refusals are counted together.
    let clock = ManualClock(Timestamp(seconds: 1_790_000_040))
    let identifiers = SequentialIdentifiers()
    let chain = AuditChain(writer: "test")

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

    func execute(_ sql: String) async throws {
        try await database.write { _ = try $0.execute(Statement(unsafeSQL: sql)) }
    }

    func integer(_ sql: String) async throws -> Int? {
        try await database.read { try $0.first(Statement(unsafeSQL: sql)) { try $0.integer(0) } }
    }
}

func withAuditHouse(_ body: (AuditHouse) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        let database = try SQLiteDatabase(path: "\(folder)/audit.db")
        let migrations = try ["V0001_audit", "V0002_audit_subjects", "V0003_narrow_audit"].enumerated().map {
            number, name in
            let path = "Sources/Platform/Audit/Migrations/\(name).sqlite.sql"
            return Migration(module: "audit", version: number + 1, name: name, sql: try #require(Assets.text(path)))
        }
        _ = try await Migrator(migrations).up(database)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(AuditHouse(database: database)))
        } catch {
            result = .failure(error)
        }
        await database.close()
        try result.get()
    }
}

extension AuditEntry {
    /// A refused sign-in from an address.
    static func refusedSignIn(
        because reason: String = "invalid_credentials", on subject: String? = "user:1",
        from address: String = "192.0.2.1"
    ) -> AuditEntry {
        .refused(
            "session.open", because: reason, by: "anonymous", on: subject,
            personal: ["address": address, "user_agent": "Test/1"])
    }
}
