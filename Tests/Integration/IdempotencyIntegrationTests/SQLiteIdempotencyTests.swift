import Assets
import IdempotencySuites
import SQL
import SQLite
import TestSupport
import Testing

@Suite("Idempotency keys on SQLite")
struct SQLiteIdempotencyTests {
    @Test("behave as on every database", arguments: IdempotencyBehaviour.all)
    func behaves(_ behaviour: IdempotencyBehaviour) async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/idempotency.db")
            let path = "Sources/Platform/Idempotency/Migrations/V0001_idempotency.sqlite.sql"
            let migration = Migration(
                module: "idempotency", version: 1, name: "idempotency", sql: try #require(Assets.text(path)))
            _ = try await Migrator([migration]).up(database)
            let result: Result<Void, any Error>
            do {
                result = .success(try await behaviour.check(database))
            } catch {
                result = .failure(error)
            }
            await database.close()
            try result.get()
        }
    }
}
