internal import CSQLite
import SQL
import Shared

/// A compiled statement of one connection. Stays on that connection's thread.
final class PreparedStatement {
    private let connection: OpaquePointer
    private let handle: OpaquePointer
    /// A second run of the same text inside a row's closure must not disturb the first.
    var isInUse = false
    /// For the cache: the number of its last use.
    var lastUse = 0

    private static let separators = " \t\r\n;".utf8.map { CChar($0) }

    /// - Throws: `SQLiteError`; `InternalFailure` unless `sql` is exactly one statement.
    init(_ sql: String, on connection: OpaquePointer) throws {
        var sql = sql
        let (code, handle, hasMore): (Int32, OpaquePointer?, Bool) = sql.withUTF8 { text in
            text.withMemoryRebound(to: CChar.self) { text in
                var handle: OpaquePointer?
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    connection, text.baseAddress, Int32(clamping: text.count), UInt32(SQLITE_PREPARE_PERSISTENT),
                    &handle, &tail)
                let read = tail.flatMap { tail in text.baseAddress.map { tail - $0 } } ?? text.count
                return (code, handle, text[read...].contains { !Self.separators.contains($0) })
            }
        }
        guard code == SQLITE_OK else { throw SQLiteError(code, on: connection) }
        guard let handle else { throw InternalFailure("empty statement") }
        self.connection = connection
        self.handle = handle
        // The handle is owned from here on, so that deinit frees it.
        guard !hasMore else { throw InternalFailure("more than one statement in: \(sql)") }
    }

    deinit { sqlite3_finalize(handle) }

    /// Binds from the first parameter on.
    func bind(_ values: [SQLValue]) throws {
        let wanted = Int(sqlite3_bind_parameter_count(handle))
        guard wanted == values.count else {
            throw InternalFailure("the statement has \(wanted) parameters and \(values.count) values")
        }
        for (offset, value) in values.enumerated() {
            if value.holdsNullCharacter { throw InternalFailure("parameter \(offset + 1): text holds U+0000") }
            let code = bind(value, at: Int32(offset + 1))
            guard code == SQLITE_OK else { throw SQLiteError(code, on: connection) }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .integer(let integer): sqlite3_bind_int64(handle, index, integer)
        case .timestamp(let time): sqlite3_bind_int64(handle, index, time.milliseconds)
        case .boolean(let flag): sqlite3_bind_int64(handle, index, flag ? 1 : 0)
        case .number(let number): sqlite3_bind_double(handle, index, number)
        case .text(let text), .json(let text): bind(text, at: index)
        case .bytes(let bytes): bind(bytes, at: index)
        case .identifier(let identifier): bind(identifier, at: index)
        }
    }

    private func bind(_ text: String, at index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { gapura_sqlite3_bind_text(handle, index, $0.baseAddress, UInt64($0.count)) }
    }

    private func bind(_ bytes: [UInt8], at index: Int32) -> Int32 {
        bytes.withUnsafeBytes { gapura_sqlite3_bind_blob(handle, index, $0.baseAddress, UInt64($0.count)) }
    }

    private func bind(_ identifier: Identifier, at index: Int32) -> Int32 {
        withUnsafeBytes(of: (identifier.high.bigEndian, identifier.low.bigEndian)) {
            gapura_sqlite3_bind_blob(handle, index, $0.baseAddress, 16)
        }
    }

    /// - Returns: whether there is a row.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw SQLiteError(code, on: connection)
        }
    }

    /// A copy of the row that `step` found.
    func row() -> Row {
        Row((0..<sqlite3_column_count(handle)).map(value))
    }

    private func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .number(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .bytes([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null(.text)
        }
    }

    /// Ends the run and forgets the values, which may be secrets. Its result repeats the error of `step`.
    func giveBack() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        isInUse = false
    }
}
