import HTTP
import JSON
import Shared
import Testing

/// A list, a change and a page, as values of a page for people.
@Suite("The reference of an API")
struct APIReferenceTests {
    private struct NoteBody: Input {
        init(_ fields: inout Fields) {
            _ = fields.required("title", .text(1...20))
            _ = fields.required("email", .email)
            _ = fields.optional("page", .webAddress)
        }
    }

    private struct Author: Output {
        static let shape = Shape<Author>("Author") { $0.member("name", .text) { _ in "" } }
    }

    private struct Note: Output {
        static let shape = Shape<Note>("Note") { shape in
            shape.member("author", .object) { _ in Author() }
            shape.optional("title", .text) { _ in nil }
        }
    }

    private struct Token: Input {
        init(_ fields: inout Fields) { _ = fields.required("token", .opaque(max: 3)) }
    }

    private static let gone = ProblemKind(410, "gone", "It was here")
    private static let keys: JSONObject = [
        "type": "object", "required": ["keys"],
        "properties": ["keys": ["type": "array", "items": ["type": "object", "required": ["kid"]]]],
    ]

    private let document = OpenAPIDocument(
        title: "Notes", version: "1.2.3", server: "https://notes.example.com",
        routes: [
            Route(
                .put, "/notes/{note_id}",
                Operation(
                    "editNote", "Edit", tag: "Notes", security: .signedIn,
                    answers: [.json(200, Note.self, "The note"), .empty(204, "As it was"), .problem(gone)]),
                body: NoteBody.self
            ) { _, _ in .noContent() },
            Route(
                .get, "/keys", Operation("readKeys", "Keys", tag: "Keys", answers: [.document(200, schema: keys, "")])
            ) { _ in .noContent() },
            Route(
                .get, "/notes/share",
                Operation("share", "Share", tag: "Notes", isPage: true, answers: [.media(200, "text/html", "A page")]),
                query: Token.self
            ) { _, _ in .noContent() },
            Route(
                .post, "/notes/share", Operation("take", "Take", tag: "Notes", answers: []), body: NoteBody.self,
                formats: [.form]
            ) { _, _ in .noContent() },
        ])

    private func call(_ id: String) throws -> APIReference.Call {
        try #require(document.reference.groups.flatMap(\.calls).first { $0.id == id })
    }

    @Test("operations stand together by tag, in the order of the routes")
    func groups() {
        #expect(document.reference.groups.map(\.tag) == ["Notes", "Keys"])
        #expect(document.reference.groups.map { $0.calls.map(\.id) } == [["editNote", "share", "take"], ["readKeys"]])
    }

    @Test("an operation tells its parameters, body and answers")
    func operation() throws {
        let edit = try call("editNote")
        #expect(edit.parameters.map(\.name) == ["note_id"])
        #expect(edit.parameters.map(\.place) == ["path"])
        #expect(try call("share").parameters.map(\.place) == ["query"])
        let body = try #require(edit.body)
        #expect(body.schema == "NoteBody")
        #expect(body.isRequired)
        #expect(body.fields.map(\.name) == ["title", "email", "page"])
        #expect(body.fields.map(\.isRequired) == [true, true, false])
        #expect(body.fields.map(\.schema.isNullable) == [false, false, true])
        #expect(edit.answers.map(\.status) == [200, 204])
        #expect(edit.answers.map(\.mediaType) == ["application/json", nil])
        #expect(edit.answers[0].schema?.reference == "Note")
        #expect(edit.answers[0].fields.map(\.name) == ["author", "title"])
        #expect(edit.answers[0].fields.map(\.isRequired) == [true, false])
    }

    @Test("members of objects without a name have the way to them as their name")
    func path() throws {
        #expect(try call("readKeys").answers[0].fields.map(\.name) == ["keys", "keys[].kid"])
    }

    @Test("the codes of an operation are those that the OpenAPI document has for it")
    func codes() throws {
        let answers = document.json["paths"]?["/notes/{note_id}"]?["put"]?["responses"]
        guard case .object(let statuses)? = answers else {
            Issue.record("no answers")
            return
        }
        let listed = statuses.members.flatMap { status in
            status.value["x-problem-codes"]?.elements?.compactMap(\.text) ?? []
        }
        #expect(listed.contains("gone"))
        #expect(try call("editNote").problems.map(\.code) == listed)
    }

    @Test("every code tells who answers it; those of unknown addresses and methods are among them")
    func problems() throws {
        let problems = document.reference.problems
        #expect(problems.first { $0.kind == Self.gone }?.operationIDs == ["editNote"])
        #expect(problems.first { $0.kind == .badForm }?.operationIDs == ["take"])
        #expect(problems.first { $0.kind == .methodNotAllowed }?.operationIDs == [])
        #expect(problems.map(\.kind.status) == problems.map(\.kind.status).sorted())
    }

    @Test("every schema of the OpenAPI document is there")
    func schemas() {
        #expect(document.reference.schemas.map(\.name) == ["Author", "Note", "NoteBody", "Problem"])
    }

    @Test("a call of a signed-in caller with a body is made of the required fields")
    func curlWithBody() throws {
        #expect(
            try call("editNote").curl == """
                curl -X PUT 'https://notes.example.com/notes/NOTE_ID' \\
                  -H "Authorization: Bearer $ACCESS_TOKEN" \\
                  -H 'Content-Type: application/json' \\
                  -d '{"title": "TITLE", "email": "ana@example.com"}'
                """)
    }

    @Test("a query has its required fields, cut to their length, and a form is encoded by curl")
    func curlWithQueryOrForm() throws {
        #expect(try call("share").curl == "curl 'https://notes.example.com/notes/share?token=TOK'")
        #expect(
            try call("take").curl == """
                curl -X POST 'https://notes.example.com/notes/share' \\
                  --data-urlencode 'title=TITLE' \\
                  --data-urlencode 'email=ana@example.com'
                """)
    }

    @Test("a quote in an example does not end the shell's text")
    func curlWithQuote() throws {
        struct Quote: Input {
            init(_ fields: inout Fields) { _ = fields.required("word", .choice(["it's"])) }
        }
        let route = Route(
            .post, "/", Operation("post", "", tag: "", answers: []), body: Quote.self
        ) { _, _ in .noContent() }
        let document = OpenAPIDocument(title: "", version: "", server: "", routes: [route])
        let curl = try #require(document.reference.groups.first?.calls.first?.curl)
        #expect(curl.hasSuffix(#"-d '{"word": "it'\''s"}'"#))
    }
}
