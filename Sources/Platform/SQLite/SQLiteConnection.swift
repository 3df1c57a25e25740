internal import CSQLite
import SQL
import Shared

/// An open connection. Used by one thread at a time: SQLite's own locks are off.
final class SQLiteConnection {
    /// Owns the C handle, so that it is closed on every way out of a failed opening too.
    private struct Handle: ~Copyable {
        let pointer: OpaquePointer
        private var isOpen = true

        init(pointer: OpaquePointer) { self.pointer = pointer }

        mutating func close() {
            // Statements that are still alive would keep it until they end ("zombie").
            if isOpen { sqlite3_close_v2(pointer) }
            isOpen = false
        }

        deinit {
            if isOpen { sqlite3_close_v2(pointer) }
        }
    }

    /// Whether the driver itself is at work, for SQLite's question whether a statement is allowed.
    private final class Permit {
        var isGiven = false
    }

    /// Done before the first connection of the process; where another library was first, SQLite refuses and counts on.
    private static let countsNoMemory = gapura_sqlite3_count_no_memory() == SQLITE_OK

    private let permit = Permit()
    private var handle: Handle
    private let statements: StatementCache<StatementShape>
    private let controls: StatementCache<String>
    let isReadOnly: Bool

    /// - Parameter path: an existing file.
    /// - Throws: `SQLiteError`.
    init(path: String, isReadOnly: Bool, statementLimit: Int) throws {
        _ = Self.countsNoMemory
        let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        var pointer: OpaquePointer?
        let code = sqlite3_open_v2(path, &pointer, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard let pointer else { throw SQLiteError(code, on: nil) }
        handle = Handle(pointer: pointer)
        statements = StatementCache(pointer, limit: statementLimit)
        controls = StatementCache(pointer, limit: 8)
        self.isReadOnly = isReadOnly
        guard code == SQLITE_OK else { throw SQLiteError(code, on: pointer) }
    }

    /// Whether the file can only be read although writing was asked for.
    var isFileReadOnly: Bool { sqlite3_db_readonly(handle.pointer, "main") == 1 }

    /// False also after an error that made SQLite roll everything back.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle.pointer) == 0 }

    func setFlag(_ option: Int32, _ flag: Bool) throws {
        let code = gapura_sqlite3_db_config(handle.pointer, option, flag ? 1 : 0)
        guard code == SQLITE_OK else { throw SQLiteError(code, on: handle.pointer) }
    }

    func setBusyTimeout(_ duration: Duration) {
        sqlite3_busy_timeout(handle.pointer, Int32(clamping: duration.wholeMilliseconds))
    }

    /// No further database can be attached, so that a statement cannot reach other files.
    func forbidAttaching() {
        sqlite3_limit(handle.pointer, SQLITE_LIMIT_ATTACHED, 0)
    }

    /// BEGIN, COMMIT and the like are refused from now on, unless `control` runs them: one unit of work must not
    /// commit or undo what others of its group did.
    func forbidTransactionControl() throws {
        let permit = Unmanaged.passUnretained(permit).toOpaque()
        let code = sqlite3_set_authorizer(
            handle.pointer,
            { permit, action, _, _, _, _ in
                guard action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT, let permit else { return SQLITE_OK }
                return Unmanaged<Permit>.fromOpaque(permit).takeUnretainedValue().isGiven ? SQLITE_OK : SQLITE_DENY
            }, permit)
        guard code == SQLITE_OK else { throw SQLiteError(code, on: handle.pointer) }
    }

    /// Runs BEGIN, COMMIT and the like.
    func control(_ sql: String) throws {
        permit.isGiven = true
        defer { permit.isGiven = false }
        // Apart from the cache of the others, where a statement would find the prepared COMMIT.
        try mapping(sql) { try run(controls.take(sql) { sql }, []) { _ in true } }
    }

    /// Runs one statement.
    ///
    /// - Parameter row: takes each row; false ends the statement.
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ statement: Statement, row: (Row) throws -> Bool = { _ in true }) throws -> Int {
        let shape = statement.shape
        return try mapping(shape.text(for: .sqlite)) {
            try run(statements.take(shape) { shape.text(for: .sqlite) }, statement.boundValues, row)
        }
    }

    /// As the other, for statements of the driver itself.
    ///
    /// - Throws: `SQLiteError`.
    func run(sql: String, row: (Row) throws -> Bool = { _ in true }) throws {
        _ = try run(controls.take(sql) { sql }, [], row)
    }

    private func run(_ prepared: PreparedStatement, _ values: [SQLValue], _ row: (Row) throws -> Bool) throws -> Int {
        defer { prepared.giveBack() }
        try prepared.bind(values)
        // `changes` keeps the count of the statement before if this one is not an INSERT, UPDATE or DELETE.
        let before = sqlite3_total_changes64(handle.pointer)
        while try prepared.step(), try row(prepared.row()) {}
        return sqlite3_total_changes64(handle.pointer) == before ? 0 : Int(sqlite3_changes64(handle.pointer))
    }

    @discardableResult
    private func mapping<T>(_ sql: @autoclosure () -> String, _ work: () throws -> T) throws -> T {
        do {
            return try work()
        } catch let error as SQLiteError {
            throw error.mapped(sql: sql(), isReadOnly: isReadOnly)
        }
    }

    /// Runs several statements without values.
    func script(_ sql: String) throws {
        if sql.utf8.contains(0) { throw InternalFailure("the script holds U+0000") }
        let code = sqlite3_exec(handle.pointer, sql, nil, nil, nil)
        try mapping(sql) { if code != SQLITE_OK { throw SQLiteError(code, on: handle.pointer) } }
    }

    /// Brings the whole log into the file and empties it.
    func checkpoint() throws {
        let code = sqlite3_wal_checkpoint_v2(handle.pointer, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteError(code, on: handle.pointer) }
    }

    /// The last call.
    func close() {
        statements.removeAll()
        controls.removeAll()
        handle.close()
    }
}
