import HTTP
import JSON
import Shared
import Testing

@Suite("The router")
struct RouterTests {
    @Test("finds constant paths by exactly their text")
    func constants() async {
        let router = router([.text(.get, "/", "root"), .text(.get, "/a", "a"), .text(.get, "/a/b", "b")])
        #expect(await router.get("/").text == "root")
        #expect(await router.get("/a").text == "a")
        #expect(await router.get("/a/b?x=/c").text == "b")
        for path in ["/A", "/a/", "//a", "/a//b", "/a/b/", "/a/b/c", "/b", "/a/./b", "/a/../a"] {
            #expect(await router.get(path).status == 404, "\(path)")
        }
    }

    @Test("gives the decoded values of placeholders in order")
    func placeholders() async {
        let router = router([.text(.get, "/u/{id}", "user"), .text(.get, "/u/{id}/s/{session}", "session")])
        #expect(await router.get("/u/7").text == "user|7")
        #expect(await router.get("/u/7/s/9").text == "session|7|9")
        #expect(await router.get("/u/caf%C3%A9%20x").text == "user|caf\u{E9} x")
        #expect(await router.get("/u/a+b").text == "user|a+b")
        #expect(await router.get("/u/").status == 404)
        #expect(await router.get("/u//s/9").status == 404)
        #expect(await router.get("/u/7/s").status == 404)
    }

    @Test("an escaped slash stays inside its segment")
    func escapedSlash() async {
        let router = router([.text(.get, "/u/{id}", "user"), .text(.get, "/u/a/b", "constant")])
        #expect(await router.get("/u/a%2Fb").text == "user|a/b")
        #expect(await router.get("/u/%2e%2e%2Fetc").text == "user|../etc")
    }

    @Test("every spelling of a path leads to the same route", arguments: ["/x/b", "/x/me", "/x/b/c", "/x/", "/x"])
    func spellings(_ path: String) async {
        let router = Router(
            routes: [.text(.get, "/x/{id}", "one"), .text(.get, "/x/b/c", "two"), .text(.get, "/x/me", "me")],
            middleware: [])
        let escaped = path.replacing("b", with: "%62").replacing("e", with: "%65").replacing("x", with: "%78")
        let (plain, other) = (await router.get(path), await router.get(escaped))
        #expect(plain.status == other.status && plain.text == other.text)
        #expect((plain.status == 200) == (path.count > 3))
    }

    @Test("a constant goes before a placeholder, which stands in where the constant leads nowhere")
    func precedence() async {
        let router = router([
            .text(.get, "/u/{id}", "any"), .text(.get, "/u/me", "me"), .text(.get, "/u/me/s", "mine"),
            .text(.get, "/u/{id}/x", "x"),
        ])
        #expect(await router.get("/u/me").text == "me")
        #expect(await router.get("/u/%6De").text == "me")
        #expect(await router.get("/u/me/x").text == "x|me")
        #expect(await router.get("/u/mee").text == "any|mee")
    }

    @Test(
        "a broken escape, one that is not UTF-8 and U+0000 are refused",
        arguments: ["%", "%2", "%GG", "%ff", "%C3", "%00", "a%00b"])
    func malformed(_ segment: String) async {
        let router = router([.text(.get, "/u/{id}")])
        #expect(await router.get("/u/\(segment)").status == 400)
        #expect(await router.get("/\(segment)/x").status == 400)
    }

    @Test("HEAD is answered by GET, unless it has a route of its own")
    func head() async {
        let router = router([
            .text(.get, "/a", "get"), .text(.get, "/b", "get"), .text(.head, "/b", "head"), .text(.post, "/c"),
        ])
        #expect(await router.send(.head, "/a").text == "get")
        #expect(await router.send(.head, "/b").text == "head")
        #expect(await router.send(.head, "/c").status == 405)
    }

    @Test("another method is 405 with the methods that there are")
    func otherMethod() async throws {
        let router = router([.text(.get, "/a"), .text(.post, "/a"), .text(.delete, "/u/{id}")])
        let refused = await router.send(.put, "/a")
        #expect(refused.status == 405)
        #expect(refused["Allow"] == "GET, HEAD, POST, OPTIONS")
        #expect(try refused.json()["code"]?.text == "method_not_allowed")
        #expect(await router.send(.other, "/a").status == 405)
        #expect(await router.send(.get, "/u/7")["Allow"] == "DELETE, OPTIONS")
    }

    @Test("OPTIONS tells the methods of a path that there is")
    func options() async {
        let router = router([.text(.get, "/a"), .text(.patch, "/u/{id}")])
        let answer = await router.send(.options, "/a")
        #expect(answer.status == 204)
        #expect(answer["Allow"] == "GET, HEAD, OPTIONS")
        #expect(await router.send(.options, "/u/7")["Allow"] == "PATCH, OPTIONS")
        #expect(await router.send(.options, "/nothing").status == 404)
    }

    @Test("middleware is around the route from the first to the last, and sees unknown paths")
    func middleware() async {
        let router = Router(
            routes: [.text(.get, "/a", "a")], middleware: [Noting(name: "outer"), Noting(name: "inner"), Catching()])
        #expect(await router.get("/a").all("X-Seen") == ["inner", "outer"])
        #expect(await router.get("/nothing").all("X-Seen") == ["inner", "outer"])
    }

    @Test("a layer that refuses is answered for by the layers around it; those further in see nothing")
    func refusingLayer() async {
        let router = Router(
            routes: [.text(.get, "/a", "a")],
            middleware: [Noting(name: "outer"), Catching(), Noting(name: "middle"), Refusing(), Noting(name: "inner")])
        let answer = await router.get("/a")
        #expect(answer.status == 404)
        #expect(answer.all("X-Seen") == ["outer"])
    }

    @Test("a handler that does not wait answers at once, through every layer; what it throws is caught")
    func immediate() throws {
        let operation = Operation("now", "", tag: "", answers: [])
        let routes: [Route] = [
            Route(.get, "/now", operation, immediate: { _ in .text("now") }),
            Route(.get, "/refused", operation, immediate: { _ in throw Problem(.badRequest) }),
        ]
        let router = Router(routes: routes, middleware: [Noting(name: "outer"), Catching(), Noting(name: "inner")])
        func answer(_ path: String) -> Response? {
            guard case .now(let response) = router.reply(to: Request(method: .get, path: path)) else { return nil }
            return response
        }
        #expect(answer("/now")?.text == "now")
        #expect(answer("/now")?.all("X-Seen") == ["inner", "outer"])
        #expect(answer("/refused")?.status == 404)
        #expect(answer("/refused")?.all("X-Seen") == ["outer"])
        #expect(answer("/nothing")?.status == 404)
    }

    @Test("an attempt that succeeds is the answer at once; without one the handler waits; what it throws is caught")
    func attempts() async {
        let route = Route(
            .get, "/a", Operation("a", "", tag: "", answers: []),
            attempt: { request in
                switch request.query {
                case "now": return Response(status: 200)
                case "bad": throw Problem(.notFound)
                default: return nil
                }
            }
        ) { _ in Response(status: 202) }
        let router = Router(routes: [route], middleware: [])
        func reply(_ query: String?) -> Reply { router.reply(to: Request(method: .get, path: "/a", query: query)) }
        guard case .now(let answer) = reply("now"), case .now(let refusal) = reply("bad"),
            case .later(let work) = reply(nil)
        else {
            Issue.record("an answer came at the wrong time")
            return
        }
        #expect(answer.status == 200)
        // Nobody is there to make a problem of it.
        #expect(refusal.status == 500)
        #expect(await work().status == 202)
    }

    @Test("what nobody catches is a 500 that tells nothing")
    func uncaught() async throws {
        struct Secret: Error {}
        let router = Router(routes: [.page { _ in throw Secret() }], middleware: [])
        let answer = await router.get("/page")
        #expect(answer.status == 500)
        #expect(!answer.text.contains("Secret"))
    }

    @Test("what the server refuses by itself is a problem document as well")
    func refusals() throws {
        let router = router([])
        #expect(router.refuse(.malformed("two Hosts")).status == 400)
        #expect(try router.refuse(.malformed("two Hosts")).json()["detail"]?.text == "two Hosts")
        #expect(router.refuse(.bodyTooLarge(limitBytes: 10)).status == 413)
        #expect(try router.refuse(.bodyTooLarge(limitBytes: 10)).json()["code"]?.text == "body_too_large")
        #expect(router.refuse(.draining).status == 503)
        #expect(router.refuse(.draining)["Retry-After"] == "1")
    }

    @Test("a template knows its placeholders")
    func template() {
        let template: PathTemplate = "/me/sessions/{id}/x/{other}"
        #expect(template.placeholders == ["id", "other"])
        #expect(!template.isConstant)
        #expect(template.description == "/me/sessions/{id}/x/{other}")
        #expect(("/.well-known/jwks.json" as PathTemplate).isConstant)
    }

    private struct Noting: Middleware {
        let name: String

        func complete(_ response: inout Response, to _: Request, _: RouteTable.Match) {
            response.add("X-Seen", name)
        }
    }

    private struct Refusing: Middleware {
        func receive(_: inout Request, _: RouteTable.Match) throws { throw Problem(.badRequest) }
    }

    private struct Catching: Middleware {
        func recover(from _: any Error, _: Request, _: RouteTable.Match) -> Response? {
            Response(status: 404)
        }
    }
}
