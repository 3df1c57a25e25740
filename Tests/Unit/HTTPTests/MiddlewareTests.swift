import HTTP
import JSON
import Shared
import Telemetry
import TestSupport
import Testing

@Suite("Middleware")
struct MiddlewareTests {
    private let log = RecordingLogSink()

    @Test(
        "a request keeps its good id and gets one for a bad one",
        arguments: [
            ("abcd-EFGH_12.34", true), (String(repeating: "a", count: 64), true), ("short", false),
            ("with space", false),
            (String(repeating: "a", count: 65), false), ("abc\u{E9}defgh", false), ("abcdefgh;", false),
        ])
    func requestIdentity(_ id: String, _ isKept: Bool) async {
        let router = router(
            [.page { request in .text(request.id) }], [RequestIdentity(identifiers: SequentialIdentifiers())])
        let response = await router.get("/page", [("X-Request-Id", id)])
        let expected = isKept ? id : SequentialIdentifiers.identifier(1).description
        #expect(response.text == expected)
        #expect(response["X-Request-Id"] == expected)
        #expect(await router.get("/nothing")["X-Request-Id"] != nil)
    }

    @Test(
        "a trace context of W3C's version 00 is kept, anything else dropped",
        arguments: [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
            ("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
            ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", false), ("nonsense", false),
        ])
    func traceContext(_ text: String, _ isKept: Bool) async {
        let router = router(
            [.page { request in .text(request.traceparent ?? "none") }],
            [RequestIdentity(identifiers: SequentialIdentifiers())])
        #expect(await router.get("/page", [("traceparent", text)]).text == (isKept ? text : "none"))
    }

    @Test("every answer is strict with browsers; what a route sets itself stays")
    func securityHeaders() async {
        let routes: [Route] = [
            .text(.get, "/a"),
            .page { _ in
                Response(status: 200, headers: [("Cache-Control", "public"), ("Content-Security-Policy", "x")])
            },
        ]
        let plain = await router(routes, [SecurityHeaders(isHTTPS: false)]).get("/a")
        #expect(plain["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'")
        #expect(plain["Cache-Control"] == "no-store")
        #expect(plain["X-Content-Type-Options"] == "nosniff")
        #expect(plain["X-Frame-Options"] == "DENY")
        #expect(plain["Referrer-Policy"] == "no-referrer")
        #expect(plain["Strict-Transport-Security"] == nil)
        let own = await router(routes, [SecurityHeaders(isHTTPS: true)]).get("/page")
        #expect(own.all("Content-Security-Policy") == ["x"])
        #expect(own.all("Cache-Control") == ["public"])
        #expect(own["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains")
    }

    @Test("an allowed origin is echoed exactly; others get nothing, and every answer varies by it")
    func crossOrigin() async {
        let policy = OriginPolicy(
            own: "https://id.example.com", listed: ["https://app.example.com"], allowsLocalhost: false)
        let router = router([.text(.get, "/a"), .text(.post, "/a")], [CrossOrigin(policy: policy)])
        let allowed = await router.get("/a", [("Origin", "https://app.example.com")])
        #expect(allowed["Access-Control-Allow-Origin"] == "https://app.example.com")
        #expect(allowed["Access-Control-Allow-Credentials"] == "true")
        #expect(allowed["Vary"] == "Origin")
        for name in ["X-Request-Id", "Idempotent-Replayed"] {
            #expect(allowed["Access-Control-Expose-Headers"]?.contains(name) == true)
        }
        for origin in [
            "https://evil.example", "null", "*", "https://app.example.com.evil.example", "http://app.example.com",
            "https://app.example.com:444", "HTTPS://APP.EXAMPLE.COM",
        ] {
            let answer = await router.get("/a", [("Origin", origin)])
            #expect(answer["Access-Control-Allow-Origin"] == nil, "\(origin)")
            #expect(answer["Vary"] == "Origin")
        }
        #expect(await router.get("/a")["Access-Control-Allow-Origin"] == nil)
    }

    @Test("a preflight is answered for paths that exist and origins that are allowed")
    func preflight() async {
        let policy = OriginPolicy(own: "https://id.example.com", listed: [], allowsLocalhost: false)
        let router = router([.text(.post, "/a")], [CrossOrigin(policy: policy)])
        let ask = [("Origin", "https://id.example.com"), ("Access-Control-Request-Method", "POST")]
        let answer = await router.send(.options, "/a", ask)
        #expect(answer.status == 204)
        #expect(answer["Access-Control-Allow-Methods"] == "POST, OPTIONS")
        #expect(answer["Access-Control-Allow-Headers"]?.contains("Authorization") == true)
        #expect(await router.send(.options, "/nothing", ask)["Access-Control-Allow-Methods"] == nil)
        let foreign = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")]
        #expect(await router.send(.options, "/a", foreign)["Access-Control-Allow-Methods"] == nil)
    }

    @Test(
        "in development any port of this machine is an allowed origin, and nothing that looks like it",
        arguments: [
            ("http://localhost", true), ("http://localhost:3000", true), ("http://127.0.0.1:65535", true),
            ("http://localhost:65536", false),
            ("http://localhost:", false), ("http://localhost.evil.example", false),
            ("http://localhost:3000.evil.example", false),
            ("https://localhost:3000", false), ("http://localhost@evil.example", false),
        ])
    func localhost(_ origin: String, _ isAllowed: Bool) {
        #expect(OriginPolicy(own: "http://x", listed: [], allowsLocalhost: true).allows(origin) == isAllowed)
        #expect(!OriginPolicy(own: "http://x", listed: [], allowsLocalhost: false).allows(origin))
    }

    @Test(
        "a cookie counts for safe methods, our own pages and no browser at all",
        arguments: [
            (HTTP.Method.get, [("Origin", "https://evil.example")], true), (.post, [], true),
            (.post, [("Origin", "https://id.example.com")], true),
            (.post, [("Origin", "https://evil.example")], false), (.post, [("Origin", "null")], false),
            (.post, [("Sec-Fetch-Site", "same-origin")], true), (.post, [("Sec-Fetch-Site", "none")], true),
            (.post, [("Sec-Fetch-Site", "same-site")], false), (.delete, [("Sec-Fetch-Site", "cross-site")], false),
            (.post, [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "same-origin")], false),
            (.post, [("Origin", "null"), ("Sec-Fetch-Site", "same-origin")], true),
            (.post, [("Origin", "null"), ("Sec-Fetch-Site", "cross-site")], false),
        ] as [(HTTP.Method, [(String, String)], Bool)])
    func cookieOrigin(_ method: HTTP.Method, _ headers: [(String, String)], _ expected: Bool) {
        let policy = OriginPolicy(own: "https://id.example.com", listed: [], allowsLocalhost: false)
        #expect(policy.allowsCookie(of: Request(method: method, path: "/", headers: Headers(headers))) == expected)
    }

    @Test("failures become problems: what is unavailable 503, the rest 500, with the cause in the log only")
    func failureMapping() async throws {
        struct Broken: Error {}
        let routes: [Route] = [
            .text(.get, "/a"),
            Route(.get, "/broken", Operation("b", "", tag: "", answers: [])) { _ in throw Broken() },
            Route(.get, "/full", Operation("f", "", tag: "", answers: [])) { _ in
                throw Unavailable("database", reason: "disk full", retryAfter: .seconds(7))
            },
            Route(.get, "/gone", Operation("g", "", tag: "", answers: [])) { _ in throw CancellationError() },
        ]
        let failures = FailureMapping(logger: log.logger()) { _, _ in Response(status: 599) }
        let router = Router(
            routes: routes, middleware: [RequestIdentity(identifiers: SequentialIdentifiers()), failures])
        let broken = await router.get("/broken", [("X-Request-Id", "request-1")])
        #expect(broken.status == 500)
        #expect(!broken.text.contains("Broken"))
        #expect(try broken.json()["request_id"]?.text == "request-1")
        #expect(log.entries.last?["cause"] == .text("Broken()"))
        #expect(log.entries.last?["request_id"] == .text("request-1"))
        let full = await router.get("/full")
        #expect(full.status == 503)
        #expect(full["Retry-After"] == "7")
        #expect(!full.text.contains("disk"))
        #expect(log.entries.last?["reason"] == .text("disk full"))
        #expect(await router.get("/gone").status == 503)
        #expect(await router.get("/nothing").status == 404)
    }

    @Test("a refusal on a page is a page for people and a document for programs; a page that fails is a document")
    func problemPages() async {
        let routes: [Route] = [.page { _ in throw Problem(.notFound, "no such mail") }, .text(.get, "/a")]
        let failures = FailureMapping(logger: .silent) { problem, request in
            guard request.id != "no-page-1" else { throw Problem(.internalError) }
            return .page("<p>\(problem.detail)</p>", status: problem.kind.status)
        }
        let router = Router(
            routes: routes, middleware: [RequestIdentity(identifiers: SequentialIdentifiers()), failures])
        let page = await router.get("/page", [("Accept", "text/html")])
        #expect(page.status == 404)
        #expect(page.text == "<p>no such mail</p>")
        #expect(
            await router.get("/page", [("Accept", "application/json")])["Content-Type"] == "application/problem+json")
        let failed = await router.get("/page", [("X-Request-Id", "no-page-1")])
        #expect(failed.status == 404)
        #expect(failed["Content-Type"] == "application/problem+json")
        #expect(await router.send(.post, "/a", [("Accept", "text/html")])["Content-Type"] == "application/problem+json")
    }

    @Test("requests are counted by route and class of status, and logged at debug level only")
    func observation() async {
        let metrics = Metrics()
        let routes: [Route] = [.text(.get, "/u/{id}")]
        let quiet = Observation(routes: routes, metrics: metrics, logger: log.logger(level: .info))
        let router = Router(
            routes: routes, middleware: [quiet, FailureMapping(logger: .silent) { _, _ in Response(status: 599) }])
        for path in ["/u/1", "/u/2", "/nothing", "/%"] { _ = await router.get(path) }
        #expect(log.entries.isEmpty)
        let text = String(decoding: metrics.render(), as: UTF8.self)
        #expect(text.contains(#"http_requests_total{method="GET",route="/u/{id}",status="2xx"} 2"#))
        #expect(text.contains(#"http_requests_total{method="",route="unmatched",status="4xx"} 2"#))
        #expect(!text.contains("nothing"))
        let loud = Observation(routes: routes, metrics: Metrics(), logger: log.logger())
        _ = await Router(routes: routes, middleware: [loud]).get("/u/secret-id")
        #expect(log.entries.first?["route"] == .text("/u/{id}"))
        #expect(log.entries.first?["status"] == .integer(200))
    }
}
