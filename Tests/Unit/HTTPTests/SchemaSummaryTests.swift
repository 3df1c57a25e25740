import HTTP
import JSON
import Testing

@Suite("A schema in a few words")
struct SchemaSummaryTests {
    @Test(
        "the type tells the format, the elements and the named schema",
        arguments: [
            (["type": "string"], "string", nil),
            (["type": "string", "format": "email"], "string (email)", nil),
            (["type": ["integer", "null"]], "integer", nil),
            (["$ref": "#/components/schemas/User"], "", "User"),
            (["type": "array", "items": ["$ref": "#/components/schemas/User"]], "array of", "User"),
            (
                ["type": "array", "items": ["type": "array", "items": ["type": "string"]]], "array of array of string",
                nil
            ),
            (["type": "array"], "array", nil),
            (["type": "object", "additionalProperties": ["type": "string"]], "object of string", nil),
            (["type": "object", "additionalProperties": false], "object", nil),
            ([:], "any", nil),
        ] as [(JSONObject, String, String?)])
    func type(schema: JSONObject, type: String, reference: String?) {
        let summary = SchemaSummary(schema)
        #expect(summary.type == type)
        #expect(summary.reference == reference)
    }

    @Test("what may be null says so, however the schema does")
    func null() {
        #expect(SchemaSummary(["type": ["string", "null"]]).isNullable)
        #expect(!SchemaSummary(["type": "string"]).isNullable)
        let user = SchemaSummary(["anyOf": [["$ref": "#/components/schemas/User"], ["type": "null"]]])
        #expect(user.isNullable)
        #expect(user.reference == "User")
    }

    @Test(
        "limits are told in words",
        arguments: [
            (["minLength": 1, "maxLength": 64], ["1 to 64 characters"]),
            (["minLength": 8], ["at least 8 characters"]),
            (["minimum": 1, "maximum": 100], ["1 to 100"]),
            (["maxItems": 3], ["at most 3 elements"]),
            (["enum": ["en", "id", 7]], ["one of: en, id, 7"]),
            (["type": ["string", "null"], "enum": ["en", nil]], ["one of: en"]),
            ([:], []),
        ] as [(JSONObject, [String])])
    func limits(schema: JSONObject, limits: [String]) {
        #expect(SchemaSummary(schema).limits == limits)
    }

    @Test("a pattern is shown unless the format or the words for one line tell it")
    func pattern() {
        #expect(SchemaSummary(["type": "string", "pattern": "^https://[!-~]+$"]).pattern == "^https://[!-~]+$")
        #expect(SchemaSummary(["format": "email", "pattern": "@"]).pattern == nil)
        let line = SchemaSummary(FieldType<String>.text(1...64).schema)
        #expect(line.pattern == nil)
        #expect(line.limits == ["1 to 64 characters", "no control characters"])
    }
}
