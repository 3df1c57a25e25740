import JSON
import Shared

extension FieldType where Value == Bool {
    /// True or false; in queries and forms `true` or `false`.
    package static var flag: FieldType {
        FieldType(
            schema: ["type": "boolean"], placeholder: false,
            ofText: { text in text == "true" ? .bool(true) : text == "false" ? .bool(false) : .string(text) },
            read: { value in value.flag.map { .success($0) } ?? .failure("must be true or false") })
    }
}

extension FieldType where Value == Timestamp {
    /// A moment by RFC 3339.
    package static var moment: FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "format": "date-time", "pattern": .string(momentPattern),
                "examples": ["2026-11-21T13:52:40.352Z"],
            ]
        }
        return FieldType(schema: schema(), placeholder: Timestamp(milliseconds: 0)) { value in
            value.text.flatMap { Timestamp(text: $0) }.map { .success($0) }
                ?? .failure("must be a time such as 2026-11-21T09:30:00Z")
        }
    }

    /// What `Timestamp` reads, but for the lengths of months: not every reader of a schema knows the format.
    private static var momentPattern: String {
        let date = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        let time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?"
        return "^\(date)[Tt ]\(time)([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
    }
}

extension FieldType where Value: EntityID {
    /// An identifier: UUID text.
    package static var id: FieldType {
        FieldType(schema: ["type": "string", "format": "uuid"], placeholder: Value(Identifier(high: 0, low: 0))) {
            value in
            value.text.flatMap { Value(text: $0) }.map { .success($0) } ?? .failure("must be a UUID")
        }
    }
}

extension FieldType where Value: Input {
    /// An object inside of a body. What is wrong in it is told by the way to the field: `block.reason`.
    package static var object: FieldType {
        FieldType(schema: Fields.schema(of: Value.self), placeholder: Fields.placeholder(of: Value.self)) { value in
            guard case .object(let object) = value else { return .failure("must be a JSON object") }
            do throws(Problem) {
                return .success(try Fields.read(Value.self, from: object))
            } catch {
                return .failure(
                    FieldMessage(nested: error.fieldErrors.map { FieldError(".\($0.field)", $0.message) }))
            }
        }
    }
}

extension FieldType {
    /// A list. What is wrong with an element is told by its place, from 0: `permissions[3]`.
    package static func list<Element>(
        of element: FieldType<Element>, _ counts: ClosedRange<Int>
    ) -> FieldType where Value == [Element] {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "array", "items": .object(element.schema), "minItems": .integer(Int64(counts.lowerBound)),
                "maxItems": .integer(Int64(counts.upperBound)),
            ]
        }
        return FieldType(schema: schema(), placeholder: []) { value in
            guard case .array(let values) = value else { return .failure("must be a list") }
            guard counts.contains(values.count) else {
                return .failure("must have \(counts.lowerBound) to \(counts.upperBound) elements")
            }
            var elements: [Element] = []
            var errors: [FieldError] = []
            for (index, value) in values.enumerated() {
                switch element.read(value) {
                case .success(let value): elements.append(value)
                case .failure(let message):
                    errors +=
                        message.nested.isEmpty
                        ? [FieldError("[\(index)]", message.text)]
                        : message.nested.map { FieldError("[\(index)]\($0.field)", $0.message) }
                }
            }
            return errors.isEmpty ? .success(elements) : .failure(FieldMessage(nested: errors))
        }
    }
}
