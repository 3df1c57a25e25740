import Lifecycle
import Postgres
import SQL
import SQLite
import Shared

extension DatabaseLocation {
    /// - Parameter pool: connections to PostgreSQL at most.
    /// - Throws: `SQLiteOpenFailure`; `Unavailable` if there are no threads left. A PostgreSQL server is not asked yet.
    func open(pool: Int, logger: Logger) throws -> any Database & Service {
        switch self {
        case .sqlite(let path): try SQLiteDatabase(path: path, logger: logger)
        case .postgres(let url):
            try PostgresDatabase(url: url, logger: logger, settings: PostgresSettings(connections: pool))
        }
    }

    /// Keeps other servers off: an SQLite file has one. On PostgreSQL there may be many.
    ///
    /// - Throws: `SQLiteLockFailure`.
    func lockFile() throws -> SQLiteLock? {
        guard case .sqlite(let path) = self else { return nil }
        return try SQLiteLock(databasePath: path)
    }
}
