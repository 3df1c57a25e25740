/// One SQL statement with its values.
///
/// Literal text is SQL; what is interpolated becomes a bound parameter and can never be read as SQL:
///
///     "SELECT id FROM users WHERE email_key = \(key) AND created_at > \(now)"
///
/// Other statements can be interpolated too, which composes them with their values.
package struct Statement: Sendable, ExpressibleByStringInterpolation {
    package typealias StringLiteralType = StaticString

    /// The statement without its values: the same for every run of the same code, so that drivers find what they
    /// have prepared by it, without putting its text together again.
    package internal(set) var shape = StatementShape()
    private(set) var values: [SQLValue] = []

    package init(stringLiteral text: StaticString) {
        shape.append(.literal(text))
    }

    package init(stringInterpolation: Interpolation) {
        self = stringInterpolation.statement
    }

    /// A statement from text that was put together at run time. The one way by which text that is not a literal
    /// becomes SQL: never with anything in it that came from outside.
    package init(unsafeSQL text: String) {
        shape.append(.text(text))
    }

    init(valueCapacity: Int) {
        shape.reserveCapacity(2 * valueCapacity + 1)
        values.reserveCapacity(valueCapacity)
    }

    mutating func append(sql: StaticString) {
        if sql.utf8CodeUnitCount > 0 { shape.append(.literal(sql)) }
    }

    mutating func append(value: SQLValue) {
        shape.append(.parameter(value.type))
        values.append(value)
    }

    mutating func append(_ text: DialectText) {
        shape.append(.alternative(text))
    }

    mutating func append(_ other: Statement) {
        shape.append(other.shape)
        values += other.values
    }

    /// The text for one database, and the values in the order of its placeholders; see `StatementShape.text(for:)`.
    package func rendered(for dialect: Dialect) -> (sql: String, values: [SQLValue]) {
        (shape.text(for: dialect), values)
    }

    /// In the order of the placeholders.
    package var boundValues: [SQLValue] { values }
}

extension Sequence<Statement> {
    /// Puts statements in a row: `conditions.joined(by: " AND ")`.
    package func joined(by separator: Statement) -> Statement {
        var whole = Statement(valueCapacity: 0)
        for (index, part) in enumerated() {
            if index > 0 { whole.append(separator) }
            whole.append(part)
        }
        return whole
    }
}
