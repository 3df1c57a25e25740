import Shared

extension Statement {
    /// Builds a statement from an interpolated literal; see `Statement`.
    package struct Interpolation: StringInterpolationProtocol {
        var statement: Statement

        package init(literalCapacity: Int, interpolationCount: Int) {
            statement = Statement(valueCapacity: interpolationCount)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            statement.append(sql: literal)
        }

        package mutating func appendInterpolation(_ value: some Bindable) {
            statement.append(value: value.sqlValue)
        }

        /// Binds a value, or NULL with the value's type.
        package mutating func appendInterpolation<Value: Bindable>(_ value: Value?) {
            statement.append(value: value?.sqlValue ?? .null(Value.sqlType))
        }

        /// Binds a value whose type is known at run time only.
        package mutating func appendInterpolation(value: SQLValue) {
            statement.append(value: value)
        }

        package mutating func appendInterpolation(_ id: some EntityID) {
            statement.append(value: .identifier(id.value))
        }

        package mutating func appendInterpolation(_ id: (some EntityID)?) {
            statement.append(value: id.map { .identifier($0.value) } ?? .null(.identifier))
        }

        /// Binds a JSON document, or NULL.
        package mutating func appendInterpolation(json: String?) {
            statement.append(value: json.map { .json($0) } ?? .null(.json))
        }

        /// Binds every element, for `IN (\(list: ids))`. An empty list becomes NULL, so that `IN` holds for no row
        /// (and `NOT IN` for none either).
        package mutating func appendInterpolation(list values: [some Bindable]) {
            append(list: values.map(\.sqlValue))
        }

        package mutating func appendInterpolation(list ids: [some EntityID]) {
            append(list: ids.map { .identifier($0.value) })
        }

        /// Puts another statement here, its values bound.
        package mutating func appendInterpolation(_ other: Statement) {
            statement.append(other)
        }

        /// Puts text here that depends on the database, such as `forUpdate`.
        package mutating func appendInterpolation(_ text: DialectText) {
            statement.append(text)
        }

        private mutating func append(list values: [SQLValue]) {
            if values.isEmpty { return statement.append(sql: "NULL") }
            for (index, value) in values.enumerated() {
                if index > 0 { statement.append(sql: ", ") }
                statement.append(value: value)
            }
        }
    }
}
