internal import CSQLite
internal import Glibc
import SQL
import Shared

extension SQLiteConnection {
    /// Opens a file for writing, after making it if it is missing, or for reading.
    ///
    /// - Throws: `SQLiteOpenFailure`.
    static func open(_ file: DatabaseFile, isReadOnly: Bool, _ settings: SQLiteSettings) throws -> SQLiteConnection {
        do {
            let connection = try SQLiteConnection(
                path: file.path, isReadOnly: isReadOnly, statementLimit: settings.statementLimit)
            connection.setBusyTimeout(settings.busyTimeout)
            if !isReadOnly, connection.isFileReadOnly { throw file.failure("it may only be read, not written") }
            try connection.harden()
            try connection.configurePatiently(settings)
            return connection
        } catch let error as SQLiteError {
            throw file.failure(error.reasonOfOpening)
        } catch let error as InternalFailure {
            throw file.failure(error.description)
        }
    }

    /// Takes away what a well-meant program does not need and an injected statement would like.
    private func harden() throws {
        try setFlag(SQLITE_DBCONFIG_DEFENSIVE, true)
        try setFlag(SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)
        try setFlag(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false)
        // "name" in double quotes is a column or an error, never silently a text.
        try setFlag(SQLITE_DBCONFIG_DQS_DML, false)
        try setFlag(SQLITE_DBCONFIG_DQS_DDL, false)
        forbidAttaching()
        try forbidTransactionControl()
    }

    /// SQLite does not wait by itself while another process turns a new file to write-ahead logging.
    private func configurePatiently(_ settings: SQLiteSettings) throws {
        let end = ContinuousClock.now + settings.busyTimeout
        while true {
            do {
                return try configure(settings)
            } catch let error as SQLiteError where error.isBusy && ContinuousClock.now < end {
                usleep(5_000)
            }
        }
    }

    private func configure(_ settings: SQLiteSettings) throws {
        try set("foreign_keys = ON")
        try set("temp_store = MEMORY")
        try set("cache_size = -\(settings.cacheKiB)")
        if isReadOnly {
            try set("query_only = ON")
            // Reads the header, so that a damaged file is found now.
            try set("schema_version")
            return
        }
        var mode = ""
        try run(sql: "PRAGMA journal_mode = WAL") { row in
            mode = try row.text(0)
            return true
        }
        guard mode == "wal" else { throw InternalFailure("write-ahead logging is not possible here, only \(mode)") }
        try set("synchronous = FULL")
        try set("wal_autocheckpoint = \(settings.checkpointPages)")
        try set("journal_size_limit = \(settings.logSizeLimitBytes)")
    }

    private func set(_ pragma: String) throws {
        try run(sql: "PRAGMA " + pragma)
    }
}

extension SQLiteError {
    fileprivate var reasonOfOpening: String {
        switch code & 0xFF {
        case SQLITE_NOTADB: "it is not an SQLite database"
        case SQLITE_CANTOPEN: "it cannot be opened for reading and writing (\(message))"
        default: description
        }
    }
}
