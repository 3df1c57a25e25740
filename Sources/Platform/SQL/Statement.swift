/// One SQL statement with its values.
///
/// Literal text is SQL; what is interpolated becomes a bound parameter and can never be read as SQL:
///
///     "SELECT id FROM users WHERE email_key = \(key) AND created_at > \(now)"
///
/// Other statements can be interpolated too, which composes them with their values.
package struct Statement: Sendable, ExpressibleByStringInterpolation {
    /// A place at which PostgreSQL's text differs from `sqliteText`.
    struct Mark: Sendable {
        enum Kind: Sendable {
            /// One `?`.
            case parameter(SQLType)
            /// `length` UTF-8 bytes that PostgreSQL has `postgres` for.
            case alternative(length: Int, postgres: String)
        }

        /// In UTF-8 bytes from the start.
        let offset: Int
        let kind: Kind
    }

    /// Kept in SQLite's form, so that the embedded database pays nothing for the other.
    private(set) var sqliteText: String
    private(set) var values: [SQLValue] = []
    private(set) var marks: [Mark] = []

    package init(stringLiteral text: String) {
        sqliteText = text
    }

    package init(stringInterpolation: Interpolation) {
        self = stringInterpolation.statement
    }

    /// A statement from text that was put together at run time. The one way by which text that is not a literal
    /// becomes SQL: never with anything in it that came from outside.
    package init(unsafeSQL text: String) {
        sqliteText = text
    }

    /// - Parameter literalCapacity: expected UTF-8 bytes.
    init(literalCapacity: Int, valueCapacity: Int) {
        sqliteText = ""
        sqliteText.reserveCapacity(literalCapacity + 2 * valueCapacity)
        values.reserveCapacity(valueCapacity)
        marks.reserveCapacity(valueCapacity)
    }

    mutating func append(sql: String) {
        sqliteText += sql
    }

    mutating func append(value: SQLValue) {
        marks.append(Mark(offset: sqliteText.utf8.count, kind: .parameter(value.type)))
        sqliteText += "?"
        values.append(value)
    }

    mutating func append(_ text: DialectText) {
        let kind = Mark.Kind.alternative(length: text.sqlite.utf8.count, postgres: text.postgres)
        marks.append(Mark(offset: sqliteText.utf8.count, kind: kind))
        sqliteText += text.sqlite
    }

    mutating func append(_ other: Statement) {
        let start = sqliteText.utf8.count
        marks += other.marks.map { Mark(offset: start + $0.offset, kind: $0.kind) }
        sqliteText += other.sqliteText
        values += other.values
    }
}

extension Sequence<Statement> {
    /// Puts statements in a row: `conditions.joined(by: " AND ")`.
    package func joined(by separator: Statement) -> Statement {
        var whole: Statement = ""
        for (index, part) in enumerated() {
            if index > 0 { whole.append(separator) }
            whole.append(part)
        }
        return whole
    }
}
