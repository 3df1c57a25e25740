import JSON
import Shared

/// How one kind of value is read from an input, and how its JSON Schema describes it.
package struct FieldType<Value: Sendable>: Sendable {
    private let makeSchema: @Sendable () -> JSONObject
    /// Stands in for the value while an input is only described or has an error elsewhere; never acted upon.
    package let placeholder: Value
    /// The value, or what is wrong with it in words that go after the field's name.
    package let read: @Sendable (_ value: JSONValue) -> Result<Value, FieldMessage>
    /// The value that a text of a query or a form stands for, since those have nothing but text.
    package let ofText: @Sendable (_ text: String) -> JSONValue

    /// - Parameter schema: made only when it is asked for: types are made for each input that is read, and few of those
    ///   are described.
    package init(
        schema: @autoclosure @escaping @Sendable () -> JSONObject, placeholder: Value,
        ofText: @escaping @Sendable (_ text: String) -> JSONValue = { .string($0) },
        read: @escaping @Sendable (_ value: JSONValue) -> Result<Value, FieldMessage>
    ) {
        makeSchema = schema
        self.placeholder = placeholder
        self.ofText = ofText
        self.read = read
    }
}

extension FieldType {
    /// The schema's members (JSON Schema 2020-12).
    package var schema: JSONObject { makeSchema() }
}

/// What is wrong with a value: `must be a valid e-mail address`.
package struct FieldMessage: Error, Sendable, ExpressibleByStringInterpolation {
    package let text: String
    /// What is wrong inside of a list or an object, by the way from it: `[2].path`. The text does not count then.
    package let nested: [FieldError]

    package init(stringLiteral text: String) {
        self.text = text
        nested = []
    }

    /// - Parameter text: such as a rule of the domain words it.
    package init(_ text: String) {
        self.init(stringLiteral: text)
    }

    init(nested: [FieldError]) {
        text = ""
        self.nested = nested
    }
}

extension FieldType where Value == String {
    /// One line of text: no control characters.
    ///
    /// - Parameter length: in Unicode scalars, as JSON Schema counts.
    package static func text(_ length: ClosedRange<Int>) -> FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "minLength": .integer(Int64(length.lowerBound)),
                "maxLength": .integer(Int64(length.upperBound)), "pattern": .string(SchemaSummary.oneLinePattern),
            ]
        }
        return FieldType(schema: schema(), placeholder: "") { value in
            guard case .string(let text) = value else { return .failure("must be text") }
            guard length.contains(text.unicodeScalars.count) else {
                return .failure("must have \(length.lowerBound) to \(length.upperBound) characters")
            }
            guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                return .failure("must not have control characters")
            }
            return .success(text)
        }
    }

    /// Any text up to a length, such as a token: what it means is decided elsewhere.
    package static func opaque(max: Int) -> FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "minLength": 1, "maxLength": .integer(Int64(max)),
            ]
        }
        return FieldType(schema: schema(), placeholder: "") { value in
            guard case .string(let text) = value else { return .failure("must be text") }
            guard (1...max).contains(text.unicodeScalars.count) else {
                return .failure("must have 1 to \(max) characters")
            }
            return .success(text)
        }
    }
}

extension FieldType where Value == String {
    /// One of the given texts.
    package static func choice(_ values: [String]) -> FieldType {
        let schema: @Sendable () -> JSONObject = { ["type": "string", "enum": .array(values.map { .string($0) })] }
        return FieldType(schema: schema(), placeholder: values.first ?? "") { value in
            guard case .string(let text) = value, values.contains(text) else {
                return .failure("must be one of: \(values.joined(separator: ", "))")
            }
            return .success(text)
        }
    }
}

extension FieldType where Value == Int {
    /// A whole number, in JSON also as `5.0` (JSON Schema: 6.1.1); in queries and forms its decimal digits.
    package static func integer(_ range: ClosedRange<Int>) -> FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
                "maximum": .integer(Int64(range.upperBound)),
            ]
        }
        return FieldType(
            schema: schema(), placeholder: range.lowerBound,
            ofText: { text in Int64(text).map { .integer($0) } ?? .string(text) },
            read: { value in
                guard let number = whole(value), range.contains(number) else {
                    return .failure("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
                }
                return .success(number)
            })
    }

    private static func whole(_ value: JSONValue) -> Int? {
        switch value {
        case .integer(let integer): Int(exactly: integer)
        case .number(let number): Int(exactly: number)
        default: nil
        }
    }
}
