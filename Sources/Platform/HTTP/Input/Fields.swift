import JSON
import Shared

/// Something read from a body, a form or a query.
///
/// The initialiser names each field once. It runs on an input, where every bad field is collected, and without
/// one, where it yields the schema for the OpenAPI document; so the two cannot differ. It must not act on the values.
///
/// What it does not name is refused, each member or parameter by its name: a misspelt one would be lost.
package protocol Input: Sendable {
    init(_ fields: inout Fields)
    /// Whether what it does not name is passed over; see `LenientInput`.
    static var ignoresUnknown: Bool { get }
}

extension Input {
    package static var ignoresUnknown: Bool { false }
}

/// An input of everybody who wants to sign in: clients, mail programs and browsers add members and parameters of their
/// own, and whoever does must still get in. Nothing else is one.
package protocol LenientInput: Input {}

extension LenientInput {
    package static var ignoresUnknown: Bool { true }
}

/// The fields of one input, while an `Input` reads them or describes itself.
package struct Fields {
    /// One field as described.
    package struct Description: Sendable {
        package let name: String
        package let schema: JSONObject
        package let isRequired: Bool
    }

    /// Nil while the input is only described.
    private let source: JSONObject?
    private let isText: Bool
    /// Names that a query or a form has more than once.
    private let repeated: Set<String>
    private(set) var errors: [FieldError] = []
    private(set) var descriptions: [Description] = []
    /// Of every field that was asked for.
    private var names: [String] = []
    /// Names of fields of which one is needed.
    private(set) var alternatives: [[String]] = []

    private init(source: JSONObject?, isText: Bool = false, repeated: Set<String> = []) {
        self.source = source
        self.isText = isText
        self.repeated = repeated
    }

    package mutating func required<Value>(_ name: String, _ type: FieldType<Value>) -> Value {
        note(name, type, isRequired: true)
        guard let source else { return type.placeholder }
        guard let value = source[name] else {
            errors.append(FieldError(name, "is missing"))
            return type.placeholder
        }
        return read(value, name, type) ?? type.placeholder
    }

    /// The schema costs more than reading the value, and is only for descriptions.
    private mutating func note<Value>(_ name: String, _ type: FieldType<Value>, isRequired: Bool) {
        names.append(name)
        if source == nil { descriptions.append(Description(name: name, schema: type.schema, isRequired: isRequired)) }
    }

    /// Absent and null are the same.
    package mutating func optional<Value>(_ name: String, _ type: FieldType<Value>) -> Value? {
        note(name, type, isRequired: false)
        guard let value = source?[name], value != .null else { return nil }
        return read(value, name, type)
    }

    /// For partial updates: absent keeps the value, null clears it.
    package mutating func change<Value>(_ name: String, _ type: FieldType<Value>) -> Change<Value> {
        let value = optional(name, type)
        if let value { return .set(value) }
        return source?[name] == .null ? .clear : .keep
    }

    /// At least one of optional fields must have a value.
    package mutating func needsOne(of names: String...) {
        alternatives.append(names)
        guard let source, errors.isEmpty, names.allSatisfy({ source[$0] ?? .null == .null }) else { return }
        errors.append(FieldError(names[0], "is missing, and so is \(names.dropFirst().joined(separator: ", "))"))
    }

    /// At most one of two optional fields may have a value.
    package mutating func atMostOne(of first: String, _ second: String) {
        guard let source, source[first] ?? .null != .null, source[second] ?? .null != .null else { return }
        errors.append(FieldError(second, "cannot be given beside \(first)"))
    }

    /// What is there and was not asked for, or more than once.
    private mutating func refuseOthers(ignoringUnknown: Bool) {
        for name in repeated.intersection(names).sorted() {
            errors.append(FieldError(name, "is given more than once"))
        }
        guard !ignoringUnknown, let source else { return }
        for name in source.keys.filter({ !names.contains($0) }).prefix(Self.unknownMax) {
            errors.append(
                Self.isName(name)
                    ? FieldError(name, "is not known here") : FieldError("*", "is no name that is known here"))
        }
    }

    /// How many that are not known are told at the most.
    private static let unknownMax = 50

    /// Whether a text can be nothing but a name, so that it can be repeated.
    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private mutating func read<Value>(_ value: JSONValue, _ name: String, _ type: FieldType<Value>) -> Value? {
        let text = isText ? value.text : nil
        switch type.read(text.map(type.ofText) ?? value) {
        case .success(let value): return value
        case .failure(let message):
            errors +=
                message.nested.isEmpty
                ? [FieldError(name, message.text)] : message.nested.map { FieldError(name + $0.field, $0.message) }
            return nil
        }
    }
}

extension Fields {
    /// - Parameter source: a JSON document's object.
    /// - Throws: a problem 422 with every bad field.
    package static func read<T: Input>(_ type: T.Type, from source: JSONObject) throws(Problem) -> T {
        try read(type, Fields(source: source))
    }

    /// - Parameter form: a query or a form, where every value is text.
    /// - Throws: a problem 422 with every bad field.
    package static func read<T: Input>(_ type: T.Type, from form: FormData) throws(Problem) -> T {
        try read(type, Fields(source: form.object, isText: true, repeated: form.repeated))
    }

    private static func read<T: Input>(_: T.Type, _ fields: Fields) throws(Problem) -> T {
        var fields = fields
        let input = T(&fields)
        fields.refuseOthers(ignoringUnknown: T.ignoresUnknown)
        guard fields.errors.isEmpty else { throw .validation(fields.errors) }
        return input
    }

    /// What an input is while it is only described; never acted upon.
    static func placeholder<T: Input>(of type: T.Type) -> T {
        var fields = Fields(source: nil)
        return T(&fields)
    }

    package static func describe<T: Input>(_: T.Type) -> [Description] {
        var fields = Fields(source: nil)
        _ = T(&fields)
        return fields.descriptions
    }

    /// Lists of names of which one has to have a value.
    static let alternativesKey = "x-needs-one-of"

    private static func oneOf(_ names: [String]) -> String {
        let quoted = names.map { "`\($0)`" }
        return quoted.count < 2
            ? quoted.joined() : "\(quoted.dropLast().joined(separator: ", ")) or \(quoted[quoted.count - 1])"
    }

    /// The JSON Schema of a whole body.
    ///
    /// - Parameter isForm: of the body as a form; an optional field is absent then, since a form knows no null.
    package static func schema<T: Input>(of type: T.Type, isForm: Bool = false) -> JSONObject {
        var described = Fields(source: nil)
        _ = T(&described)
        let fields = described.descriptions
        let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        var schema: JSONObject = [
            "type": "object",
            "properties": .object(JSONObject(fields.map { ($0.name, .object(isForm ? $0.schema : $0.jsonSchema)) })),
        ]
        if !required.isEmpty { schema["required"] = .array(required) }
        if !T.ignoresUnknown { schema["additionalProperties"] = false }
        // In words, not by `anyOf`: of that, generators make one type for each choice, without the members of both.
        if !described.alternatives.isEmpty {
            schema["description"] = .string(
                described.alternatives.map { "Needs \(oneOf($0))." }.joined(separator: " "))
            schema[alternativesKey] = .array(described.alternatives.map { .array($0.map { .string($0) }) })
        }
        return schema
    }
}

extension Fields.Description {
    /// In JSON an optional field may also be null.
    fileprivate var jsonSchema: JSONObject {
        isRequired ? schema : schema.orNull ?? schema
    }
}
