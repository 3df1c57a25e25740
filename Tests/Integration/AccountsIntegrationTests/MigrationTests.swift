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
}
