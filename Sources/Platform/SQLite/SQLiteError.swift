internal import CSQLite
import SQL
import Shared

/// What SQLite said of a failed call, taken at once: the next call overwrites it.
struct SQLiteError: Error, CustomStringConvertible {
    /// The extended result code.
    let code: Int32
    /// SQLite's English text. It may quote names and the statement's own text, never a bound value.
    let message: String

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    init(_ code: Int32, on connection: OpaquePointer?) {
        self.code = code
        message = String(cString: connection.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
    }

    var isBusy: Bool { code & 0xFF == SQLITE_BUSY }

    var description: String {
        "\(Self.conditions[code & 0xFF] ?? "SQLite") \(code) (\(message))"
    }

    /// The error that a user of the port is given.
    ///
    /// - Parameters:
    ///   - sql: the failed statement's text.
    ///   - isReadOnly: whether the connection is for reading only, so that a refused write is the caller's defect.
    func mapped(sql: String, isReadOnly: Bool) -> any Error {
        if let violation { return violation }
        let isForbiddenWrite = isReadOnly && code & 0xFF == SQLITE_READONLY
        if !isForbiddenWrite, Self.conditions[code & 0xFF] != nil {
            return Unavailable("database", reason: description)
        }
        return InternalFailure("\(description) in: \(sql)")
    }

    /// Results that say something of the machine, not of the statement.
    private static let conditions: [Int32: String] = [
        SQLITE_FULL: "SQLITE_FULL", SQLITE_IOERR: "SQLITE_IOERR", SQLITE_READONLY: "SQLITE_READONLY",
        SQLITE_CANTOPEN: "SQLITE_CANTOPEN", SQLITE_BUSY: "SQLITE_BUSY", SQLITE_NOMEM: "SQLITE_NOMEM",
        SQLITE_CORRUPT: "SQLITE_CORRUPT", SQLITE_NOTADB: "SQLITE_NOTADB", SQLITE_PROTOCOL: "SQLITE_PROTOCOL",
    ]
}

extension SQLiteError {
    private var violation: ConstraintViolation? {
        guard code & 0xFF == SQLITE_CONSTRAINT else { return nil }
        // ON DELETE RESTRICT has the code of a trigger, so the text decides.
        if message == "FOREIGN KEY constraint failed" { return ConstraintViolation(.foreignKey) }
        guard let separator = message.firstRange(of: ": ") else { return nil }
        let subject = String(message[separator.upperBound...])
        switch code {
        case 2067, 1555, 2579:  // UNIQUE, PRIMARYKEY, ROWID: shifted macros, which Swift does not import.
            return Self.violation(.unique, of: subject)
        case 1299:  // NOTNULL
            return Self.violation(.notNull, of: subject)
        case 275:  // CHECK
            return ConstraintViolation(.check, name: subject)
        default:
            return nil
        }
    }

    /// - Parameter subject: `users.email_key, users.tenant` or `index 'users_by_name'`.
    private static func violation(_ kind: ConstraintViolation.Kind, of subject: String) -> ConstraintViolation {
        if subject.hasPrefix("index '") {
            return ConstraintViolation(kind, name: String(subject.dropFirst(7).dropLast()))
        }
        let columns = subject.split(separator: ",").map { $0.split(separator: ".") }
        let table = columns.first?.first.map { String($0.drop { $0 == " " }) }
        return ConstraintViolation(kind, table: table, columns: columns.compactMap { $0.last.map(String.init) })
    }
}
