import SQL
import SQLite
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Migrations over what is there")
struct MigrationTests {
    private static let migrations = AccountsHouse.schemas.flatMap { $0.migrations(for: .sqlite) }

    @Test("revocations keep their numbers when a kind is added, and only known kinds are taken")
    func revocations() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/accounts.db")
            let old = Self.migrations.filter { $0.module != "accounts" || $0.version < 5 }
            _ = try await Migrator(old).up(database)
            for number in 1...3 { try await insert("session", number, database) }
            try await database.write { try $0.execute("DELETE FROM revocations WHERE number = 2") }
            await #expect(throws: ConstraintViolation.self) { try await insert("user", 4, database) }
            _ = try await Migrator(Self.migrations).up(database)
            try await insert("user", 5, database)
            await #expect(throws: ConstraintViolation.self) { try await insert("other", 6, database) }
            let rows = try await database.read { transaction in
                try transaction.query(
                    "SELECT number, kind, subject, created_at, until FROM revocations ORDER BY number"
                ) {
                    [try $0.text(1), try $0.text(2)]
                        + [try $0.integer(0), try $0.integer(3), try $0.integer(4)].map(String.init)
                }
            }
            #expect(
                rows == [
                    ["session", "1", "1", "1", "9"], ["session", "3", "3", "3", "9"], ["user", "5", "4", "5", "9"],
                ])
            await database.close()
        }
    }

    private func insert(_ kind: String, _ subject: Int, _ database: SQLiteDatabase) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO revocations (kind, subject, created_at, until)
                VALUES (\(kind), \(String(subject)), \(subject), \(9))
                """)
        }
    }
}
