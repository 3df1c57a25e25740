import JSON
import Shared

/// A JSON Schema in a few words, for people.
package struct SchemaSummary: Sendable, Equatable {
    /// `string`, `array of`: what stands before the schema's name if there is one.
    package let type: String
    /// The named schema that the type ends in.
    package let reference: String?
    package let isNullable: Bool
    /// `1 to 64 characters`.
    package let limits: [String]
    /// A regular expression that a text must match, unless its format or a limit tells.
    package let pattern: String?

    /// Of a text without control characters.
    static let oneLinePattern = #"^[^\u0000-\u001f\u007f]*$"#

    /// Of a name.
    static let namePattern = NameCharacters.pattern
    private static let toldPatterns = [oneLinePattern, namePattern]

    package init(_ schema: JSONObject) {
        let core = schema["anyOf"]?.elements.flatMap(Self.nonNull) ?? schema
        isNullable = core != schema || schema["type"]?.elements?.contains("null") == true
        (type, reference) = Self.type(of: core)
        limits = Self.limits(of: core)
        let isTold = core["format"] != nil || core["pattern"]?.text.map(Self.toldPatterns.contains) == true
        pattern = isTold ? nil : core["pattern"]?.text
    }

    /// The one choice beside null.
    private static func nonNull(_ choices: [JSONValue]) -> JSONObject? {
        guard choices.contains(["type": "null"]) else { return nil }
        let others = choices.filter { $0 != ["type": "null"] }.compactMap(\.members)
        return others.count == 1 ? others.first : nil
    }

    private static func type(of schema: JSONObject) -> (String, String?) {
        let prefix = "#/components/schemas/"
        if let reference = schema["$ref"]?.text, reference.hasPrefix(prefix) {
            return ("", String(reference.dropFirst(prefix.count)))
        }
        let name = schema.typeName ?? "any"
        if name == "array", let items = schema["items"]?.members {
            let (type, reference) = type(of: items)
            return (type.isEmpty ? "array of" : "array of \(type)", reference)
        }
        if name == "object", let values = schema["additionalProperties"]?.members {
            let (type, reference) = type(of: values)
            return (type.isEmpty ? "object of" : "object of \(type)", reference)
        }
        return (schema["format"]?.text.map { "\(name) (\($0))" } ?? name, nil)
    }

    private static func limits(of schema: JSONObject) -> [String] {
        func range(_ lower: String, _ upper: String, _ unit: String) -> String? {
            switch (schema[lower]?.integer, schema[upper]?.integer) {
            case (nil, nil): nil
            case (let lower?, nil): "at least \(lower)\(unit)"
            case (nil, let upper?): "at most \(upper)\(unit)"
            case (let lower?, let upper?): "\(lower) to \(upper)\(unit)"
            }
        }
        let choices = schema["enum"]?.elements?.filter { $0 != .null }.map {
            $0.text ?? String(decoding: $0.serialized, as: UTF8.self)
        }
        return [
            range("minLength", "maxLength", " characters"),
            schema["pattern"]?.text == oneLinePattern ? "no control characters" : nil,
            schema["pattern"]?.text == namePattern ? "no control or invisible characters" : nil,
            range("minimum", "maximum", ""), range("minItems", "maxItems", " elements"),
            choices.map { "one of: \($0.joined(separator: ", "))" },
        ].compactMap { $0 }
    }
}

extension JSONObject {
    /// A schema's type, without the null that it may also be.
    var typeName: String? {
        switch self["type"] {
        case .string(let name): name
        case .array(let names): names.first { $0 != "null" }?.text
        default: nil
        }
    }
}

extension JSONValue {
    var members: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }
}
