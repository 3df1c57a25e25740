import Assets
import SQL
import SQLite
import TestSupport
import Testing

@Suite("Migrations of tables that hold something")
struct MigrationTests {
    private static let folder = "Sources/Modules/Accounts/Infrastructure/Migrations"

    @Test("sessions, their tokens and links outlive the making of narrower tables, and still go with their user")
    func narrowTables() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/old.db")
            let migrations = try Assets.paths(under: Self.folder + "/").sorted().enumerated().map { number, path in
                Migration(module: "accounts", version: number + 1, name: path, sql: try #require(Assets.text(path)))
            }
            _ = try await Migrator(Array(migrations.prefix(4))).up(database)
            try await database.write { transaction in
                try transaction.script(
                    """
                    INSERT INTO users (id, email, email_key, is_active, is_verified, locale, provider, created_at,
                        updated_at) VALUES (x'01', 'a@example.com', 'a@example.com', 1, 1, 'en', 'local', 1, 1);
                    INSERT INTO sessions (id, user_id, generation, branch, created_at, last_used, expires_at)
                        VALUES (x'02', x'01', 1, 0, 1, 1, 9);
                    INSERT INTO refresh_tokens (jti, session_id, token_hash, generation, created_at, expires_at, revoked,
                        revoked_at, replaced_by_jti)
                        VALUES (x'03', x'02', x'AA', 0, 1, 9, 1, 2, x'04'), (x'04', x'02', x'BB', 1, 2, 9, 0, NULL, NULL);
                    INSERT INTO validation_tokens (id, user_id, purpose, created_at, expires_at)
                        VALUES (x'05', x'01', 'verify', 1, 9);
                    """)
            }
            _ = try await Migrator(migrations).up(database)
            #expect(try await counts(database) == [1, 2, 1])
            let hash = try await database.read { transaction in
                try transaction.first(
                    "SELECT token_hash FROM refresh_tokens WHERE session_id = x'02' AND generation = 1"
                ) { try $0.bytes(0) }
            }
            #expect(hash == [0xBB])
            try await database.write { _ = try $0.execute("DELETE FROM users") }
            #expect(try await counts(database) == [0, 0, 0])
            await database.close()
        }
    }

    private func counts(_ database: SQLiteDatabase) async throws -> [Int] {
        try await database.read { transaction in
            try transaction.query(
                """
                SELECT count(*) FROM sessions UNION ALL SELECT count(*) FROM refresh_tokens
                UNION ALL SELECT count(*) FROM validation_tokens
                """
            ) { try $0.integer(0) }
        }
    }
}
