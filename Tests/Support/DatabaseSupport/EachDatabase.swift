import Assets
import Lifecycle
import PostgresSupport
import SQL
import SQLite
import Shared
import TestSupport

/// A module's tables, for tests: its name and the folder of its migrations.
package struct TestSchema: Sendable {
    private let module: String
    private let folder: String

    package init(_ module: String, _ folder: String) {
        self.module = module
        self.folder = folder
    }

    package static let installation = TestSchema("installation", "Sources/Platform/SQL/Migrations")
    package static let jobs = TestSchema("jobs", "Sources/Platform/Jobs/Migrations")
    package static let messaging = TestSchema("messaging", "Sources/Platform/Messaging/Migrations")
    package static let idempotency = TestSchema("idempotency", "Sources/Platform/Idempotency/Migrations")
    package static let audit = TestSchema("audit", "Sources/Platform/Audit/Migrations")

    /// - Parameter name: as its folder has it: `Accounts`.
    package static func module(_ name: String) -> TestSchema {
        TestSchema(name.lowercased(), "Sources/Modules/\(name)/Infrastructure/Migrations")
    }

    package func migrations(for dialect: Dialect) -> [Migration] {
        Migration.list(of: module, in: Assets.paths(under: folder + "/"), for: dialect) { Assets.text($0) }
    }
}

/// Runs `body` on a new SQLite file and then on a new PostgreSQL database, each with these tables.
///
/// - Throws: `FailureOnDatabase`.
package func withEachDatabase(
    _ schemas: [TestSchema], _ body: (any Database & Service) async throws -> Void
) async throws {
    for dialect in Dialect.allCases {
        do {
            try await withDatabase(dialect, schemas, body)
        } catch {
            throw FailureOnDatabase(dialect: dialect, cause: error)
        }
    }
}

/// Runs `body` on a new database with these tables.
package func withDatabase<T>(
    _ dialect: Dialect, _ schemas: [TestSchema], _ body: (any Database & Service) async throws -> T
) async throws -> T {
    let migrations = schemas.flatMap { $0.migrations(for: dialect) }
    switch dialect {
    case .postgres:
        return try await withPostgresDatabase(migrations: migrations) { try await body($0) }
    case .sqlite:
        return try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/test.db")
            let result: Result<T, any Error>
            do {
                _ = try await Migrator(migrations).up(database)
                result = .success(try await body(database))
            } catch {
                result = .failure(error)
            }
            await database.close()
            return try result.get()
        }
    }
}

/// Tells on which database a test failed.
package struct FailureOnDatabase: Error, CustomStringConvertible {
    let dialect: Dialect
    let cause: any Error

    package var description: String { "on \(dialect.rawValue): \(cause)" }
}
