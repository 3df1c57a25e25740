internal import Glibc
import Shared

/// The type of a bound value or of a column.
///
/// | case | SQLite | PostgreSQL |
/// |---|---|---|
/// | text | TEXT | text |
/// | integer | INTEGER | bigint |
/// | number | REAL | double precision |
/// | boolean | INTEGER 0 or 1 | boolean |
/// | bytes | BLOB | bytea |
/// | identifier | BLOB of 16 bytes | uuid |
/// | timestamp | INTEGER, milliseconds since 1970 in UTC | timestamptz |
/// | json | TEXT | jsonb |
package enum SQLType: String, Sendable, CaseIterable {
    case text, integer, number, boolean, bytes, identifier, timestamp, json

    var postgresName: String {
        switch self {
        case .text: "text"
        case .integer: "bigint"
        case .number: "double precision"
        case .boolean: "boolean"
        case .bytes: "bytea"
        case .identifier: "uuid"
        case .timestamp: "timestamptz"
        case .json: "jsonb"
        }
    }
}

/// A value on its way into the database or out of it.
package enum SQLValue: Sendable, Equatable {
    /// Typed only on its way in; a driver that does not know the type of a NULL it read says `.text`.
    case null(SQLType)
    case text(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    case bytes([UInt8])
    case identifier(Identifier)
    case timestamp(Timestamp)
    case json(String)

    package var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    package var type: SQLType {
        switch self {
        case .null(let type): type
        case .text: .text
        case .integer: .integer
        case .number: .number
        case .boolean: .boolean
        case .bytes: .bytes
        case .identifier: .identifier
        case .timestamp: .timestamp
        case .json: .json
        }
    }
}

extension SQLValue {
    /// Whether it holds U+0000, which PostgreSQL stores neither in text nor in JSON. Drivers refuse such a value on
    /// every database, so that a program does not work on one only.
    package var holdsNullCharacter: Bool {
        switch self {
        case .text(let text): Self.hasNull(text)
        case .json(let text): Self.hasNull(text) || Self.hasEscapedNull(text)
        default: false
        }
    }

    private static func hasNull(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return false }
            return memchr(start, 0, bytes.count) != nil
        }
    }

    private static func hasEscapedNull(_ json: String) -> Bool {
        var rest = json.utf8[...]
        while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
            rest = rest[backslash...]
            if rest.starts(with: #"\u0000"#.utf8) { return true }
            rest = rest.dropFirst(2)
        }
        return false
    }
}
