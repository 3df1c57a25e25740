import HTTP
import JSON
import Shared
import Testing

private struct Part: Input {
    let name: String
    let isOpen: Bool?

    init(_ fields: inout Fields) {
        name = fields.required("name", .text(1...3))
        isOpen = fields.optional("is_open", .flag)
    }
}

private struct Whole: Input {
    let parts: [Part]
    let first: Part?
    let since: Timestamp?
    let names: [String]?

    init(_ fields: inout Fields) {
        parts = fields.required("parts", .list(of: .object, 1...3))
        first = fields.optional("first", .object)
        since = fields.optional("since", .moment)
        names = fields.optional("names", .list(of: .choice(["a", "b"]), 0...2))
    }
}

private struct FlagQuery: Input {
    let isOpen: Bool?

    init(_ fields: inout Fields) { isOpen = fields.optional("is_open", .flag) }
}

@Suite("Input of lists and objects")
struct NestedInputTests {
    private func errors(_ object: JSONObject) throws -> [FieldError] {
        try #require(#expect(throws: Problem.self) { try Fields.read(Whole.self, from: object) }).fieldErrors
    }

    @Test("good ones are read, null is absent inside of them too")
    func good() throws {
        let whole = try Fields.read(
            Whole.self,
            from: [
                "parts": [["name": "a", "is_open": true], ["name": "b", "is_open": .null]], "first": ["name": "c"],
                "since": "2026-11-21T09:30:00Z", "names": ["b"],
            ])
        #expect(whole.parts.map(\.name) == ["a", "b"])
        #expect(whole.parts.map(\.isOpen) == [true, nil])
        #expect(whole.first?.name == "c" && whole.names == ["b"])
        #expect(whole.since == Timestamp(text: "2026-11-21T09:30:00Z"))
    }

    @Test("what is wrong is told by the way to it, everything at once")
    func bad() throws {
        let errors = try errors([
            "parts": [["name": "long", "is_open": 1], 5, [:]], "first": ["is_open": "true"], "since": "today",
            "names": ["a", "c"],
        ])
        #expect(
            errors.map(\.field) == [
                "parts[0].name", "parts[0].is_open", "parts[1]", "parts[2].name", "first.name", "first.is_open",
                "since", "names[1]",
            ])
        #expect(errors[1].message == "must be true or false")
        #expect(errors[2].message == "must be a JSON object")
        #expect(errors[3].message == "is missing")
    }

    @Test("the number of elements is bounded on both sides, and a list is a list")
    func bounds() throws {
        #expect(try errors(["parts": []]) == [FieldError("parts", "must have 1 to 3 elements")])
        #expect(try errors(["parts": [1, 2, 3, 4]]).map(\.field) == ["parts"])
        #expect(try errors(["parts": ["name": "a"]]) == [FieldError("parts", "must be a list")])
    }

    @Test("a flag of a query is true or false in words")
    func flags() throws {
        for (text, expected) in [("true", true), ("false", false)] {
            let form = try #require(FormData("is_open=\(text)"))
            #expect(try Fields.read(FlagQuery.self, from: form).isOpen == expected)
        }
        for text in ["1", "TRUE", ""] {
            let form = try #require(FormData("is_open=\(text)"))
            let problem = #expect(throws: Problem.self) { try Fields.read(FlagQuery.self, from: form) }
            #expect(problem?.fieldErrors.map(\.field) == ["is_open"])
        }
    }

    @Test("the schema has the elements' own")
    func schema() throws {
        let schema = JSONValue.object(Fields.schema(of: Whole.self))
        let parts = try #require(schema["properties"]?["parts"])
        #expect(parts["type"]?.text == "array" && parts["minItems"]?.integer == 1 && parts["maxItems"]?.integer == 3)
        #expect(parts["items"]?["required"] == ["name"])
        #expect(parts["items"]?["properties"]?["is_open"]?["type"] == ["boolean", "null"])
        #expect(schema["required"] == ["parts"])
    }
}
