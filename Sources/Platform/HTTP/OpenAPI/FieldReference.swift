import JSON

/// One member of a body or an answer, or one parameter, for people.
package struct FieldReference: Sendable, Equatable {
    /// Members of unnamed objects have the way to them: `keys[].kid`.
    package let name: String
    /// `path`, `query` or `header`; empty for a member.
    package let place: String
    package let isRequired: Bool
    package let schema: SchemaSummary
    package let description: String?

    init(_ name: String, place: String = "", isRequired: Bool, schema: JSONObject, description: String? = nil) {
        self.name = name
        self.place = place
        self.isRequired = isRequired
        self.schema = SchemaSummary(schema)
        self.description = description ?? schema["description"]?.text
    }

    /// The members of an object or of an array's elements; none if they have a name of their own.
    static func members(of schema: JSONObject, below path: String = "") -> [FieldReference] {
        if schema.typeName == "array", let items = schema["items"]?.members {
            return members(of: items, below: "\(path)[]")
        }
        let required = schema["required"]?.elements?.compactMap(\.text) ?? []
        let properties = schema["properties"]?.members ?? [:]
        let undescribed = required.filter { properties[$0] == nil }.map { ($0, JSONObject()) }
        let described = properties.members.map { ($0.key, $0.value.members ?? [:]) }
        return (described + undescribed).flatMap { name, schema in
            let path = path.isEmpty ? name : "\(path).\(name)"
            return [FieldReference(path, isRequired: required.contains(name), schema: schema)]
                + members(of: schema, below: path)
        }
    }
}
