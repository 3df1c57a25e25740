import DatabaseSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Migrations over what is there")
struct MigrationTests {
    @Test("revocations keep their numbers when a kind is added, and only known kinds are taken")
    func revocations() async throws {
        try await withEachDatabase([]) { database in
            let all = AccountsHouse.schemas.flatMap { $0.migrations(for: database.dialect) }
            _ = try await Migrator(all.filter { $0.module != "accounts" || $0.version < 5 }).up(database)
            for number in 1...3 { try await insert("session", number, database) }
            try await database.write { try $0.execute("DELETE FROM revocations WHERE number = 2") }
            await #expect(throws: ConstraintViolation.self) { try await insert("user", 4, database) }
            _ = try await Migrator(all).up(database)
            try await insert("user", 5, database)
            await #expect(throws: ConstraintViolation.self) { try await insert("other", 6, database) }
            let rows = try await database.read { transaction in
                try transaction.query(
                    "SELECT kind, subject, created_at, until FROM revocations ORDER BY number"
                ) {
                    [try $0.text(0), try $0.text(1)]
                        + [try $0.timestamp(2), try $0.timestamp(3)].map { String($0.milliseconds) }
                }
            }
            #expect(rows == [["session", "1", "1", "9"], ["session", "3", "3", "9"], ["user", "5", "5", "9"]])
        }
    }

    private func insert(_ kind: String, _ subject: Int, _ database: any Database) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO revocations (kind, subject, created_at, until)
                VALUES (\(kind), \(String(subject)), \(Timestamp(milliseconds: Int64(subject))),
                    \(Timestamp(milliseconds: 9)))
                """)
        }
    }

    @Test("sessions, their tokens and links outlive the making of narrower tables, and still go with their user")
    func narrowTables() async throws {
        try await withEachDatabase([]) { database in
            let all = AccountsHouse.schemas.flatMap { $0.migrations(for: database.dialect) }
            _ = try await Migrator(all.filter { $0.module != "accounts" || $0.version < 5 }).up(database)
            let ids = (1...5).map { SequentialIdentifiers.identifier($0) }
            let now = Timestamp(seconds: 1)
            try await database.write { transaction in
                try transaction.execute(
                    """
                    INSERT INTO users (id, email, email_key, is_active, is_verified, locale, provider, created_at,
                        updated_at)
                    VALUES (\(ids[0]), 'a@example.com', 'a@example.com', \(true), \(true), 'en', 'local', \(now), \(now))
                    """)
                try transaction.execute(
                    """
                    INSERT INTO sessions (id, user_id, generation, branch, created_at, last_used, expires_at)
                    VALUES (\(ids[1]), \(ids[0]), 1, 0, \(now), \(now), \(now))
                    """)
                for (generation, jti) in [(0, ids[2]), (1, ids[3])] {
                    try transaction.execute(
                        """
                        INSERT INTO refresh_tokens (jti, session_id, token_hash, generation, created_at, expires_at,
                            revoked)
                        VALUES (\(jti), \(ids[1]), \([UInt8(generation)]), \(generation), \(now), \(now), \(generation == 0))
                        """)
                }
                try transaction.execute(
                    """
                    INSERT INTO validation_tokens (id, user_id, purpose, created_at, expires_at)
                    VALUES (\(ids[4]), \(ids[0]), 'verify', \(now), \(now))
                    """)
            }
            _ = try await Migrator(all).up(database)
            #expect(try await counts(database) == [1, 2, 1])
            let hash = try await database.read { transaction in
                try transaction.first(
                    "SELECT token_hash FROM refresh_tokens WHERE session_id = \(ids[1]) AND generation = 1"
                ) { try $0.bytes(0) }
            }
            #expect(hash == [1])
            try await database.write { _ = try $0.execute("DELETE FROM users") }
            #expect(try await counts(database) == [0, 0, 0])
        }
    }

    private func counts(_ database: any Database) async throws -> [Int] {
        var counts: [Int] = []
        for table in ["sessions", "refresh_tokens", "validation_tokens"] {
            let count = try await database.read { transaction in
                try transaction.first(Statement(unsafeSQL: "SELECT count(*) FROM \(table)")) { try $0.integer(0) }
            }
            counts.append(count ?? 0)
        }
        return counts
    }
}
