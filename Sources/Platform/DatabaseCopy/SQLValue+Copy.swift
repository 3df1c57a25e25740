import JSON
import SQL
import Shared

extension SQLValue {
    /// This value for a column of another database: SQLite stores an identifier as bytes, a time as a number and so
    /// on, PostgreSQL has types of their own for them. Nil if it does not fit.
    func converted(to type: SQLType) -> SQLValue? {
        switch (self, type) {
        case (.null, _): .null(type)
        case (.bytes(let bytes), .identifier): Identifier(bytes: bytes).map { .identifier($0) }
        case (.identifier(let identifier), .bytes): .bytes(identifier.bytes)
        case (.integer(let integer), .timestamp): .timestamp(Timestamp(milliseconds: integer))
        case (.timestamp(let time), .integer): .integer(time.milliseconds)
        case (.integer(0), .boolean): .boolean(false)
        case (.integer(1), .boolean): .boolean(true)
        case (.boolean(let flag), .integer): .integer(flag ? 1 : 0)
        case (.integer(let integer), .number): .number(Double(integer))
        case (.text(let text), .json): (try? JSONValue(parsing: Array(text.utf8))).map { _ in .json(text) }
        case (.json(let text), .text): .text(text)
        default: self.type == type ? self : nil
        }
    }

    /// Whether both mean the same. JSON is compared by its content: PostgreSQL orders members and spaces its own way,
    /// and writes 1e2 as 100.
    func means(_ other: SQLValue) -> Bool {
        if isNull || other.isNull { return isNull && other.isNull }
        guard case .json(let left) = self, case .json(let right) = other else { return self == other }
        guard let left = try? JSONValue(parsing: Array(left.utf8)),
            let right = try? JSONValue(parsing: Array(right.utf8))
        else { return false }
        return left.normalized == right.normalized
    }
}

extension JSONValue {
    fileprivate var normalized: JSONValue {
        switch self {
        case .number(let number): Int64(exactly: number).map { .integer($0) } ?? self
        case .array(let elements): .array(elements.map(\.normalized))
        case .object(let object):
            .object(
                JSONObject(
                    object.members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.normalized) }))
        default: self
        }
    }
}
