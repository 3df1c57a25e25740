import HTTP
import JSON
import Shared
import Testing

private struct InnerAnswer: Output {
    let name: String?

    static let shape = Shape<InnerAnswer>("Inner") { shape in
        shape.nullable("name", .text) { $0.name }
    }
}

private struct OuterAnswer: Output {
    let inner: InnerAnswer
    let list: [String]
    let note: String?

    static let shape = Shape<OuterAnswer>("Outer") { shape in
        shape.member("inner", .object) { $0.inner }
        shape.member("list", .list(of: .text)) { $0.list }
        shape.optional("note", .text) { $0.note }
    }
}

private struct Body: Input {
    let name: String

    init(_ fields: inout Fields) { name = fields.required("name", .text(1...5)) }
}

private struct PartQuery: Input {
    let limit: Int?
    let cursor: String?

    init(_ fields: inout Fields) {
        limit = fields.optional("limit", .integer(1...100))
        cursor = fields.optional("cursor", .opaque(max: 200))
    }
}

@Suite("The OpenAPI document and answers")
struct OpenAPITests {
    private static let teapot = ProblemKind(418, "teapot", "A teapot")

    private func document() -> JSONValue {
        let routes = [
            Route(
                .get, "/things/{id}",
                Operation(
                    "readThing", "Read it", tag: "Things", security: .signedIn,
                    answers: [.json(200, OuterAnswer.self, "The thing"), .problem(Self.teapot)])
            ) { _ in .noContent() },
            Route(
                .post, "/things/{id}",
                Operation(
                    "changeThing", "Change it", tag: "Things", isPage: true,
                    answers: [
                        .json(200, OuterAnswer.self, "It"), .media(200, "text/html", "A page"), .empty(204, "Done"),
                    ]),
                body: Body.self, formats: [.json, .form]
            ) { _, _ in .noContent() },
            Route(
                .get, "/things", Operation("listThings", "List them", tag: "Things", answers: [.empty(204, "None")]),
                query: PartQuery.self
            ) { _, _ in .noContent() },
        ]
        return OpenAPIDocument(title: "Test", version: "1.2.3", server: "https://id.example.com", routes: routes).json
    }

    @Test("a body of text is told with its type and what is in it, and only its own refusals")
    func text() throws {
        let text = TextBody("Lines", "application/x-ndjson", "One object a line", example: "{}\n")
        let route = Route(
            .post, "/lines", Operation("putLines", "Take them", tag: "Lines", answers: []).withBody(text)
        ) { _ in .noContent() }
        let document = OpenAPIDocument(title: "Test", version: "1", server: "https://id.example.com", routes: [route])
        let call = try #require(document.json["paths"]?["/lines"]?["post"])
        #expect(
            call["requestBody"] == [
                "required": true,
                "content": ["application/x-ndjson": ["schema": ["$ref": "#/components/schemas/Lines"]]],
            ])
        let schema = try #require(document.json["components"]?["schemas"]?["Lines"])
        #expect(schema["type"] == "string" && schema["description"] == "One object a line")
        #expect(
            route.operation.mechanismProblems.map(\.code).sorted() == [
                "bad_request", "body_too_large", "internal_error", "shutting_down", "unavailable",
                "unsupported_media_type",
            ])
        let reference = try #require(document.reference.groups.first?.calls.first)
        #expect(reference.body?.mediaTypes == ["application/x-ndjson"] && reference.body?.schema == "Lines")
        #expect(reference.curl.contains("-H 'Content-Type: application/x-ndjson'"))
        #expect(reference.curl.hasSuffix("--data-binary @FILE"))
    }

    @Test("a body of text is read as it is, if it says so and is there")
    func readText() throws {
        let text = TextBody("Lines", "application/x-ndjson", "One object a line", example: "{}\n")
        func read(_ type: String?, _ body: [UInt8]) throws -> [UInt8] {
            try Request(
                method: .post, path: "/lines", headers: Headers(type.map { [("Content-Type", $0)] } ?? []), body: body
            ).read(text)
        }
        #expect(try read("Application/X-NDJSON; charset=utf-8", [0, 255, 10]) == [0, 255, 10])
        #expect(throws: Problem.self) { try read("application/json", [1]) }
        #expect(throws: Problem.self) { try read(nil, [1]) }
        #expect(throws: Problem.self) { try read("application/x-ndjson", []) }
    }

    @Test("has what OpenAPI 3.1 asks for, and can be written and read")
    func head() throws {
        let document = document()
        #expect(document["openapi"] == "3.1.0")
        #expect(document["info"]?["title"] == "Test" && document["info"]?["version"] == "1.2.3")
        #expect(document["info"]?["description"]?.text?.contains("x-ignores-unknown") == true)
        #expect(document["servers"] == [["url": "https://id.example.com"]])
        #expect(try JSONValue(parsing: document.serialized) == document)
    }

    @Test("every route is an operation under its path, with the values of the path and the query as parameters")
    func operations() throws {
        let paths = try #require(document()["paths"])
        let path = try #require(paths["/things/{id}"])
        #expect(path["get"]?["operationId"] == "readThing")
        #expect(path["post"]?["operationId"] == "changeThing")
        let parameter = try #require(path["get"]?["parameters"]?.elements?.first)
        #expect(parameter["name"] == "id" && parameter["in"] == "path" && parameter["required"] == true)
        let query = try #require(paths["/things"]?["get"]?["parameters"]?.elements)
        #expect(query.map { $0["name"]?.text } == ["limit", "cursor"])
        #expect(query.allSatisfy { $0["in"] == "query" && $0["required"] == false })
        #expect(query[0]["schema"]?["type"] == "integer")
    }

    @Test("the answers of a route are its own and those of its mechanisms")
    func answers() throws {
        let paths = try #require(document()["paths"])
        let get = try #require(paths["/things/{id}"]?["get"]?["responses"])
        #expect(Set(keys(get)) == ["200", "400", "401", "403", "418", "500", "503"])
        let post = try #require(paths["/things/{id}"]?["post"]?["responses"])
        #expect(Set(keys(post)) == ["200", "204", "400", "413", "415", "422", "500", "503"])
        #expect(Set(keys(try #require(post["200"]?["content"]))) == ["application/json", "text/html"])
        #expect(post["204"]?["content"] == nil)
        #expect(Set(keys(try #require(post["422"]?["content"]))) == ["application/problem+json", "text/html"])
        let schema = try #require(get["418"]?["content"]?["application/problem+json"]?["schema"])
        #expect(schema == ["$ref": "#/components/schemas/Problem"])
        #expect(get["418"]?["x-problem-codes"] == ["teapot"])
        #expect(get["418"]?["description"] == "`teapot`: A teapot")
        let list = try #require(paths["/things"]?["get"]?["responses"])
        #expect(keys(list).contains("422"))
    }

    @Test("a route that takes an idempotency key says so: the header, what marks a replay, the refusals")
    func idempotency() throws {
        let operation = Operation("make", "Make it", tag: "Things", answers: [.empty(201, "It is there")])
        let routes = [
            Route(.post, "/once", operation.idempotent()) { _ in .noContent() },
            Route(.post, "/each", operation) { _ in .noContent() },
        ]
        let document = OpenAPIDocument(title: "Test", version: "1", server: "https://id.example.com", routes: routes)
        let paths = try #require(document.json["paths"])
        let once = try #require(paths["/once"]?["post"])
        let parameter = try #require(once["parameters"]?.elements?.first)
        #expect(parameter["name"] == "Idempotency-Key" && parameter["in"] == "header" && parameter["required"] == false)
        let answers = try #require(once["responses"])
        #expect(keys(try #require(answers["201"]?["headers"])) == ["Idempotent-Replayed"])
        let codes = ["400", "409", "422"].flatMap { status in
            answers[status]?["x-problem-codes"]?.elements?.compactMap(\.text) ?? []
        }
        #expect(
            codes == ["bad_request", "idempotency_key_invalid", "idempotency_key_in_use", "idempotency_key_reused"])
        let each = try #require(paths["/each"]?["post"])
        #expect(each["parameters"] == nil && each["responses"]?["201"]?["headers"] == nil)
        #expect(each["responses"]?["409"] == nil)
        let parameters = document.reference.groups[0].calls.map { $0.parameters.map { "\($0.place) \($0.name)" } }
        #expect(parameters == [["header Idempotency-Key"], []])
    }

    @Test("words of a route stand at its parameters and members, the closest first, then those of the program")
    func words() throws {
        let words: APIWords = [
            "change": "Changes it for good.", "change.id": "Which one.", "Outer.list": "The list.", ".inner": "Inside.",
            "Body.name": "Its new name.", "change.X-Mode": "How.", "Outer.list": "Again", ".never": "Idle",
        ]
        let operation = Operation(
            "change", "Change it", tag: "Things", headers: [.init("X-Mode", example: "slow")],
            answers: [.json(200, OuterAnswer.self, "It")])
        let routes = [
            Route(.post, "/things/{id}", operation, body: Body.self, formats: [.json, .form]) { _, _ in .noContent() }
                .described(by: words)
        ]
        let document = OpenAPIDocument(
            title: "Test", version: "1", server: "", routes: routes,
            words: [".note": "A note.", ".name": "A name.", ".id": "An identifier."])
        let call = try #require(document.json["paths"]?["/things/{id}"]?["post"])
        #expect(call["description"] == "Changes it for good.")
        let parameters = try #require(call["parameters"]?.elements)
        #expect(parameters.map { $0["description"] } == ["Which one.", "How."])
        #expect(parameters[1]["in"] == "header" && parameters[1]["required"] == false)
        let schemas = try #require(document.json["components"]?["schemas"])
        let outer = try #require(schemas["Outer"]?["properties"])
        #expect(outer["inner"] == ["$ref": "#/components/schemas/Inner", "description": "Inside."])
        #expect(outer["list"]?["description"] == "The list." && outer["note"]?["description"] == "A note.")
        #expect(schemas["Inner"]?["properties"]?["name"]?["description"] == "A name.")
        #expect(schemas["Body"]?["properties"]?["name"]?["description"] == "Its new name.")
        let form = call["requestBody"]?["content"]?["application/x-www-form-urlencoded"]?["schema"]
        #expect(form?["properties"]?["name"]?["description"] == "Its new name.")
        #expect(document.repeatedWords == ["Outer.list"])
        #expect(document.idleWords == [".id", ".never"])
        let reference = try #require(document.reference.groups.first?.calls.first)
        #expect(reference.description == "Changes it for good.")
        #expect(reference.parameters.map(\.description) == ["Which one.", "How."])
        #expect(reference.body?.fields.map(\.description) == ["Its new name."])
        #expect(reference.answers[0].fields.map(\.description) == ["Inside.", "The list.", "A note."])
    }

    @Test("bodies are told with their formats, and who may call with the schemes that there are")
    func bodiesAndSecurity() throws {
        let document = document()
        let path = try #require(document["paths"]?["/things/{id}"])
        #expect(path["post"]?["requestBody"]?["required"] == true)
        let content = try #require(path["post"]?["requestBody"]?["content"])
        #expect(keys(content) == ["application/json", "application/x-www-form-urlencoded"])
        #expect(path["get"]?["security"] == [["bearer": []], ["session": []]])
        #expect(path["post"]?["security"] == [])
        let schemes = try #require(document["components"]?["securitySchemes"])
        #expect(keys(schemes) == ["bearer", "session", "apiKey"])
    }

    @Test("every schema that is referred to is there, also inside others")
    func components() throws {
        let document = document()
        let schemas = try #require(document["components"]?["schemas"])
        #expect(keys(schemas) == ["Body", "Inner", "Outer", "Problem"])
        #expect(schemas["Outer"]?["properties"]?["inner"] == ["$ref": "#/components/schemas/Inner"])
        #expect(schemas["Outer"]?["required"] == ["inner", "list"])
        // A later version may have more members.
        #expect(schemas["Outer"]?["additionalProperties"] == nil)
        #expect(schemas["Inner"]?["properties"]?["name"]?["type"] == ["string", "null"])
        let prefix = "#/components/schemas/"
        let references = references(in: document)
        #expect(references.count >= 4)
        #expect(references.allSatisfy { $0.hasPrefix(prefix) && schemas[String($0.dropFirst(prefix.count))] != nil })
    }

    @Test("an answer is written as its shape says: null where it may be, nothing where it is optional")
    func answer() throws {
        let empty = Response.json(OuterAnswer(inner: InnerAnswer(name: nil), list: [], note: nil), status: 201)
        #expect(empty.status == 201)
        #expect(empty["Content-Type"] == "application/json")
        #expect(empty.text == #"{"inner":{"name":null},"list":[]}"#)
        let full = Response.json(OuterAnswer(inner: InnerAnswer(name: "a"), list: ["b", "c"], note: "d"))
        #expect(full.text == #"{"inner":{"name":"a"},"list":["b","c"],"note":"d"}"#)
    }

    @Test("a page has styles, pictures, scripts and forms of our own, and no frames")
    func page() {
        let page = Response.page("<p>", status: 404)
        #expect(page.status == 404)
        let policy = page["Content-Security-Policy"] ?? ""
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(policy.contains("script-src 'self'; form-action 'self';"))
        let linking = Response.page("<p>", formOrigin: "https://accounts.example.com")["Content-Security-Policy"] ?? ""
        #expect(linking.contains("form-action 'self' https://accounts.example.com;"))
    }

    private func keys(_ value: JSONValue) -> [String] {
        if case .object(let object) = value { object.keys } else { [] }
    }

    private func references(in value: JSONValue) -> [String] {
        switch value {
        case .object(let object):
            object.members.flatMap { $0.key == "$ref" ? [$0.value.text ?? ""] : references(in: $0.value) }
        case .array(let elements): elements.flatMap(references)
        default: []
        }
    }
}
