import JSON
import Testing

@testable import HTTP

@Suite("An example of a schema")
struct SchemaExampleTests {
    @Test(
        "the schema's own example comes first, then its choices, its format, and its name as a placeholder",
        arguments: [
            (["type": "string", "format": "email", "examples": ["bo@example.com"]], "bo@example.com"),
            (["type": "string", "enum": ["en", "id"]], "en"),
            (["type": ["string", "null"], "format": "password", "minLength": 8], "correct horse battery staple"),
            (["type": "string"], "CODE"),
            (["type": "string", "minLength": 6], "CODEXX"),
            (["type": "string", "maxLength": 2], "CO"),
            (["type": "integer", "minimum": 5], 5),
            (["type": "boolean"], true),
            (["type": "array", "items": ["type": "integer"]], [1]),
        ] as [(JSONObject, JSONValue)])
    func value(schema: JSONObject, example: JSONValue) {
        #expect(SchemaExample.value(schema, name: "code") == example)
    }

    @Test("an object has its required members, or all if none is required")
    func object() {
        var schema: JSONObject = [
            "type": "object", "properties": ["a": ["type": "string"], "b": ["type": "object"]],
        ]
        #expect(SchemaExample.object(schema) == ["a": "A", "b": [:]])
        schema["required"] = ["a"]
        #expect(SchemaExample.object(schema) == ["a": "A"])
    }

    @Test("of members of which one is needed, beside those that are required, an object has the first")
    func alternatives() {
        let schema: JSONObject = [
            "type": "object", "required": ["a"], "x-needs-one-of": [["b", "c"]],
            "properties": ["a": ["type": "string"], "b": ["type": "string"], "c": ["type": "string"]],
        ]
        #expect(SchemaExample.object(schema) == ["a": "A", "b": "B"])
    }
}
