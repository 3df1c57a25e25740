import JSON

/// A value for a place in an example request. Schemas with a pattern give an example of their own.
enum SchemaExample {
    /// The members that are required, and of those of which one is needed the first; or all if none is required.
    static func object(_ schema: JSONObject) -> JSONObject {
        func names(_ value: JSONValue?) -> [String] { value?.elements?.compactMap(\.text) ?? [] }
        let always = names(schema["required"])
        let alternatives = schema[Fields.alternativesKey]?.elements?.compactMap { names($0).first } ?? []
        let required = always.isEmpty ? [] : always + alternatives
        let properties = schema["properties"]?.members?.members ?? []
        return JSONObject(
            properties.filter { required.isEmpty || required.contains($0.key) }.map { property in
                (property.key, value(property.value.members ?? [:], name: property.key))
            })
    }

    /// - Parameter name: the field's; in capitals it stands for a text that only the caller has, such as a token.
    static func value(_ schema: JSONObject, name: String) -> JSONValue {
        if let example = schema["examples"]?.elements?.first ?? schema["enum"]?.elements?.first { return example }
        switch schema.typeName {
        case "integer", "number": return schema["minimum"] ?? 1
        case "boolean": return true
        case "array": return .array(schema["items"]?.members.map { [value($0, name: name)] } ?? [])
        case "object": return .object(object(schema))
        default: return .string(text(schema, name: name))
        }
    }

    private static func text(_ schema: JSONObject, name: String) -> String {
        switch schema["format"]?.text {
        case "email": return "ana@example.com"
        case "password": return "correct horse battery staple"
        case "uuid": return "01a1fe61-f452-7000-bb7f-ab8f35d7ad7e"
        case "date-time": return "2026-11-21T13:52:40.352Z"
        case "uri": return "https://example.com/"
        default: break
        }
        let placeholder = String(name.uppercased().prefix(Int(schema["maxLength"]?.integer ?? .max)))
        let missing = Int(schema["minLength"]?.integer ?? 0) - placeholder.count
        return placeholder + String(repeating: "X", count: max(0, missing))
    }
}
