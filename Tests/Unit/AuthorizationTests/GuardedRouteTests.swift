import Authorization
import AuthorizationDoubles
import HTTP
import JSON
import Shared
import Testing

@Suite("Routes behind the gate")
struct GuardedRouteTests {
    private static let read = DeclaredPermission("notes", "read", reach: .platform)
    private static let write = DeclaredPermission("notes", "write", reach: .platform, isForKeys: false)
    private static let needs: [(name: String, need: Need)] = [
        ("session", .session), ("person", .person), ("any", .personOrKey), ("read", .permission(read)),
        ("write", .permission(write)),
    ]

    private struct NoteBody: Input {
        let text: String

        init(_ fields: inout Fields) { text = fields.required("text", .text(1...10)) }
    }

    private static let gate = GateDouble(origins: OriginPolicy(own: "http://own", listed: [], allowsLocalhost: false)) {
        let id = Identifier(high: 1, low: 1)
        let client = ClientInfo(address: .loopback, userAgent: nil)
        let all = PermissionSet([read.permission, write.permission])
        return switch $0 {
        case "writer": Principal(.session(id), of: id, permissions: all, client: client)
        case "nobody": Principal(.session(id), of: id, permissions: .empty, client: client)
        case "key": Principal(.apiKey(id, prefix: "abc"), of: id, permissions: all, client: client)
        default: nil
        }
    }

    private var routes: [Route] {
        Self.needs.map { name, need in
            Route(
                .post, PathTemplate(stringLiteral: "/\(name)"),
                Operation(name, "Note it", tag: "Notes", answers: [.empty(204, "Noted")]), needs: need,
                gate: Self.gate, reads: .body(NoteBody.self)
            ) { _, body, principal in
                Response(status: 200, body: Array("\(principal.auditName) \(body.text)".utf8))
            }
        }
    }

    private func send(_ path: String, _ credential: (String, String)?, _ body: JSONValue = [:]) async -> Response {
        let failures = FailureMapping(logger: .silent) { problem, _ in Response(status: problem.kind.status) }
        return await Router(routes: routes, middleware: [failures]).respond(
            to: Request(
                method: .post, path: path,
                headers: Headers([("Content-Type", "application/json")] + [credential].compactMap { $0 }),
                body: body.serialized))
    }

    @Test("the document tells who may call, what is needed and how that is refused, from the need alone")
    func document() throws {
        let document = OpenAPIDocument(title: "Test", version: "1", server: "http://own", routes: routes).json
        func operation(_ name: String) throws -> JSONValue {
            try #require(document["paths"]?["/\(name)"]?["post"])
        }
        func refusals(_ name: String) throws -> [String] {
            let codes = try operation(name)["responses"]?["403"]?["x-problem-codes"]?.elements
            return try #require(codes).compactMap(\.text)
        }
        let people: JSONValue = [["bearer": []], ["session": []]]
        for name in ["session", "person", "write"] { #expect(try operation(name)["security"] == people, "\(name)") }
        for name in ["any", "read"] {
            #expect(try operation(name)["security"]?.elements?.count == 3, "\(name)")
        }
        #expect(try refusals("session") == ["origin_not_allowed"])
        #expect(try refusals("any") == ["account_blocked", "origin_not_allowed"])
        let mayNot = ["account_blocked", "origin_not_allowed", "permission_denied"]
        #expect(try refusals("person") == mayNot)
        for name in ["read", "write"] {
            #expect(try refusals(name) == (mayNot + ["mfa_enrolment_required"]).sorted(), "\(name)")
        }
        #expect(try operation("any")["summary"] == "Note it")
        #expect(try operation("read")["summary"] == "Note it; needs `notes:read`")
        for (name, _) in Self.needs { #expect(try operation(name)["responses"]?["401"] != nil, "\(name)") }
    }

    @Test("who may not call hears nothing of what is wrong with the body")
    func order() async throws {
        let (nobody, key) = (("Authorization", "Bearer nobody"), ("X-Api-Key", "key"))
        #expect(await send("/read", nil).status == 401)
        #expect(await send("/read", ("Authorization", "Bearer wrong")).status == 401)
        #expect(await send("/read", nobody).status == 403)
        #expect(await send("/any", nobody).status == 422)
        #expect(await send("/read", key).status == 422)
        #expect(await send("/write", key).status == 403)
        #expect(await send("/person", key).status == 403)
    }

    private struct NoteQuery: Input {
        let text: String?

        init(_ fields: inout Fields) { text = fields.optional("text", .text(1...10)) }
    }

    /// A route for each sort of content, all for the writer.
    private var readers: [Route] {
        func operation(_ name: String) -> HTTP.Operation { Operation(name, "Note it", tag: "Notes") }
        let need = Need.permission(Self.read)
        let text = TextBody("Lines", "application/x-ndjson", "One object a line", example: "{}\n")
        return [
            Route(.post, "/body", operation("a"), needs: need, gate: Self.gate, reads: .body(NoteBody.self)) {
                _, _, _ in
                .noContent()
            },
            Route(.post, "/query", operation("b"), needs: need, gate: Self.gate, reads: .query(NoteQuery.self)) {
                _, _, _ in
                .noContent()
            },
            Route(.post, "/text", operation("c"), needs: need, gate: Self.gate, reads: .text(text)) { _, _, _ in
                .noContent()
            },
            Route(.post, "/nothing", operation("d"), needs: need, gate: Self.gate) { _, _ in .noContent() },
        ]
    }

    @Test(
        "what a route does not read is refused by name: parameters, bodies and members",
        arguments: [
            ("/body", nil, #"{"text": "a"}"#, []), ("/body", "force=1", #"{"text": "a"}"#, ["force"]),
            ("/body", nil, #"{"text": "a", "force": 1}"#, ["force"]),
            ("/query", "text=a", "", []), ("/query", "text=a&force=1", "", ["force"]),
            ("/query", "text=a", #"{"text": "a"}"#, ["text"]), ("/query", "text=a&text=b", "", ["text"]),
            ("/text", nil, "{}", []), ("/text", "force=1", "{}", ["force"]),
            ("/nothing", nil, "", []), ("/nothing", nil, "{}", []), ("/nothing", "", "", []),
            ("/nothing", "force=1&hours=2", "", ["force", "hours"]), ("/nothing", nil, #"{"force": 1}"#, ["force"]),
            ("/nothing", nil, "[1]", ["body"]),
        ] as [(String, String?, String, [String])])
    func unread(_ path: String, _ query: String?, _ body: String, _ expected: [String]) async throws {
        let type = path == "/text" ? "application/x-ndjson" : "application/json"
        let answer = await Router(
            routes: readers, middleware: [FailureMapping(logger: .silent) { $0.response(requestID: $1.id) }]
        )
        .respond(
            to: Request(
                method: .post, path: path, query: query,
                headers: Headers([("Content-Type", type), ("Authorization", "Bearer writer")]),
                body: Array(body.utf8)))
        #expect(answer.status == (expected.isEmpty ? 204 : 422))
        guard !expected.isEmpty else { return }
        guard case .object(let errors)? = try JSONValue(parsing: answer.body)["errors"] else {
            Issue.record("no field is named")
            return
        }
        #expect(errors.keys == expected)
    }

    @Test("where a session is needed the key's header means nothing")
    func session() async throws {
        #expect(await send("/session", ("X-Api-Key", "key")).status == 401)
        #expect(await send("/session", ("Authorization", "Bearer key")).status == 403)
        #expect(await send("/session", ("Cookie", "gapura_session=writer"), ["text": "a"]).status == 200)
    }

    @Test("the handler gets who calls and what was read")
    func handler() async throws {
        let answer = await send("/write", ("Authorization", "Bearer writer"), ["text": "a"])
        #expect(String(decoding: answer.body, as: UTF8.self) == "user:\(Identifier(high: 1, low: 1)) a")
        let program = await send("/read", ("X-Api-Key", "key"), ["text": "b"])
        #expect(String(decoding: program.body, as: UTF8.self) == "api_key:abc b")
    }
}
