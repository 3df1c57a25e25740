import Lifecycle
import SQL
import SQLite
import Shared
import Synchronization
import TestSupport

/// Databases on one file in a folder of their own, all closed at the end.
func withSQLite<T>(
    _ settings: SQLiteSettings = SQLiteSettings(),
    _ body: (_ path: String, _ open: @escaping @Sendable () throws -> SQLiteDatabase) async throws -> T
) async throws -> T {
    try await withTemporaryFolder { folder in
        let path = "\(folder)/data.sqlite"
        let opened = OpenedDatabases()
        let result: Result<T, any Error>
        do {
            result = .success(
                try await body(path) {
                    let database = try SQLiteDatabase(path: path, settings: settings)
                    opened.databases.withLock { $0.append(database) }
                    return database
                })
        } catch {
            result = .failure(error)
        }
        for database in opened.databases.withLock({ $0 }) { await database.close() }
        return try result.get()
    }
}

private final class OpenedDatabases: Sendable {
    let databases = Mutex<[SQLiteDatabase]>([])
}

extension SQLiteDatabase {
    /// The table `notes(text, body)`.
    func makeNotes() async throws {
        try await write { try $0.execute("CREATE TABLE notes (text TEXT NOT NULL UNIQUE, body BLOB) STRICT") }
    }

    func notes() async throws -> [String] {
        try await read { try $0.query("SELECT text FROM notes ORDER BY rowid") { try $0.text(0) } }
    }

    func pragma(_ name: String) async throws -> String? {
        try await write { transaction in
            let pragma = Statement(unsafeSQL: "PRAGMA \(name)")
            return try transaction.first(pragma) { row in
                try (try? row.text(0)) ?? String(row.integer(0))
            }
        }
    }
}

extension SQLTransaction {
    func note(_ text: String, body: [UInt8] = []) throws {
        try execute("INSERT INTO notes (text, body) VALUES (\(text), \(body))")
    }
}
