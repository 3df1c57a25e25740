import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import AccountsContractDoubles
import Configuration
import HTTP
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The doors for gateways")
struct ForwardRouteTests {
    /// A door that knows its own machine as a gateway.
    private func router(_ house: AccessHouse, _ process: AccessAdapters) throws -> Router {
        var reader = SettingsReader(values: [:]) { _ in "" }
        let settings = AccessSettings(&reader, isProduction: false)
        let routes = ForwardRoutes.all(
            try house.useCases(process), process, settings, try house.dependencies())
        return Router(
            routes: routes, middleware: [FailureMapping(logger: .silent) { problem, _ in .text(problem.detail) }])
    }

    private func request(
        _ headers: [(String, String)], dialect: String? = "nginx", service: String = "one",
        peer: NetworkAddress = .loopback
    ) -> Request {
        Request(
            method: .get, path: "/access/forward/\(service)", query: dialect.map { "dialect=\($0)" },
            headers: Headers(headers), peer: peer)
    }

    private static let path = [("X-Original-URI", "/a?b"), ("X-Original-Method", "GET")]
    private static let token = [("Authorization", "Bearer token-of-ana")]

    @Test(
        "a warm answer waits for nothing and touches no database", arguments: ["token", "key", "none", "gateway key"])
    func warm(_ kind: String) async throws {
        try await withAccessHouse { house in
            try house.addUser(isAdministrator: true)
            let database = GuardedDatabase(house.database)
            let process = try await house.process(database)
            try await house.addService("one", process) { $0.allowAnonymous = true }
            let (_, key) = try await house.addKey(["access:check:one"], process)
            let (_, own) = try await house.addKey([], process)
            let headers: [(String, String)] =
                switch kind {
                case "token": Self.token
                case "key": [("X-Api-Key", own)]
                case "gateway key": [("X-Gapura-Gateway", key)]
                default: [("X-Forwarded-For", "192.0.2.9")]
                }
            let router = try router(house, process)
            let request = request(
                Self.path + headers,
                peer: kind == "gateway key" ? try #require(NetworkAddress(text: "198.51.100.1")) : .loopback)
            #expect(await router.respond(to: request).status == 200)

            database.takeAway()
            let uses = database.useCount
            let reply = CacheLevel.$current.withValue(.counters) { router.reply(to: request) }
            guard case .now(let response) = reply else {
                Issue.record("it waited")
                return
            }
            #expect(response.status == 200)
            #expect(database.useCount == uses)
        }
    }

    @Test("who is no gateway is refused and written down, and nothing is asked or counted")
    func untrusted() async throws {
        try await withAccessHouse { house in
            try house.addUser(isAdministrator: true)
            let process = try await house.process()
            try await house.addService("one", process)
            let (_, key) = try await house.addKey(["access:check:two"], process)
            let router = try router(house, process)
            let stranger = try #require(NetworkAddress(text: "198.51.100.1"))
            for response in [
                await router.respond(to: request(Self.path + Self.token, peer: stranger)),
                await router.respond(to: request(Self.path + Self.token + [("X-Gapura-Gateway", key)])),
                await router.respond(to: request(Self.path + Self.token + [("X-Gapura-Gateway", "x")])),
            ] {
                #expect(response.status == 403 && response["X-Gapura-Code"] == "untrusted_gateway")
                #expect(response["Cache-Control"] == "no-store")
            }
            #expect(house.meter.calls.isEmpty)
            try await house.useCases(process).recordFollowUps()
            #expect(try await Set(house.texts("SELECT reason FROM audit_entries")) == ["untrusted_gateway"])
        }
    }

    @Test("an allowed answer has a value for every header, and a limit only where one binds")
    func allowed() async throws {
        try await withAccessHouse { house in
            try house.addUser()
            let process = try await house.process()
            try await house.addService("one", process) { $0.wantsEmail = true }
            let response = try await router(house, process).respond(to: request(Self.path + Self.token))
            #expect(response.status == 200 && response.body.isEmpty)
            let told = ["X-User-Id", "X-Tenant-Id", "X-Roles", "X-Plan", "X-Caller-Kind", "X-User-Email"]
                .map { response[$0] }
            #expect(told == [AccessHouse.ana.description, "-", "-", "free", "user", "ana@example.com"])
            #expect(response["X-Gapura-Identity"]?.utf8.count ?? .max < 1_024)
            #expect(response["Set-Cookie"] == nil)
        }
    }

    @Test("a target is read from one set of headers, and refused if it can be read in two ways")
    func targets() {
        let original = [("X-Original-URI", "/a"), ("X-Original-Method", "GET")]
        let forwarded = [("X-Forwarded-Uri", "/b"), ("X-Forwarded-Method", "POST")]
        func read(_ headers: [(String, String)], _ dialect: ForwardDialect?) -> String? {
            let target: ForwardTarget
            do throws(ForwardTarget.Refusal) {
                target = try ForwardTarget(Headers(headers), dialect)
            } catch {
                return error == .tooLong ? "too long" : nil
            }
            guard case .request(let method, let path) = target.demand else { return "unknown" }
            return "\(method.name ?? "?") \(path) \(target.isSafe)"
        }
        #expect(read(original + forwarded, .nginx) == "GET /a true")
        #expect(read(original + forwarded, .caddy) == "POST /b false")
        #expect(read(original + forwarded, .traefik) == "POST /b false")
        #expect(read(original + forwarded, nil) == nil)
        #expect(read(original, nil) == "GET /a true" && read(forwarded, nil) == "POST /b false")
        #expect(read(forwarded, .nginx) == "unknown" && read([], nil) == "unknown")
        #expect(read(original + original, .nginx) == nil)
        #expect(read([original[0]], .nginx) == nil && read([original[1]], .nginx) == nil)
        #expect(read([("X-Original-URI", "/a//b"), original[1]], .nginx) == nil)
        #expect(read([("X-Original-URI", ""), original[1]], .nginx) == nil)
        let long = "/" + String(repeating: "a", count: RequestPath.bytesMax)
        #expect(read([("X-Original-URI", long), original[1]], .nginx) == "too long")
        #expect(read([("X-Original-URI", "/?" + long), original[1]], .nginx) == "GET / true")
        #expect(read([original[0], ("X-Original-Method", "")], .nginx) == nil)
    }

    @Test("of several session cookies the genuine one passes, of one person's any, and of several people's none")
    func severalCookies() async throws {
        try await withAccessHouse { house in
            try house.addUser()
            let process = try await house.process()
            try await house.addService("one", process)
            let (ana, bob) = (AccessHouse.ana, UserID(SequentialIdentifiers.identifier(4_711)))
            house.accounts.add(token: "newer", of: ana, session: SessionID(SequentialIdentifiers.identifier(9_999)))
            house.accounts.add(token: "bobs", of: bob)
            let router = try router(house, process)
            func ask(_ cookies: String) async -> (status: Int, code: String?, user: String?) {
                let response = await router.respond(to: request(Self.path + [("Cookie", cookies)]))
                return (response.status, response["X-Gapura-Code"], response["X-User-Id"])
            }
            for cookies in [
                "gapura_session=tossed; gapura_session=token-of-ana", "gapura_session=token-of-ana; gapura_session=x",
                "gapura_session=token-of-ana; gapura_session=newer",
                "gapura_session=bobs; __Host-gapura_session=token-of-ana",
            ] {
                let answer = await ask(cookies)
                #expect(answer.status == 200 && answer.user == AccessHouse.ana.description, "\(cookies)")
            }
            let both = await ask("gapura_session=token-of-ana; gapura_session=bobs")
            #expect(both.status == 403 && both.code == "ambiguous_request")
            #expect(await ask("gapura_session=tossed; gapura_session=x").code == "invalid_credential")
        }
    }

    @Test("a credential is read from where it may be; two that differ are none")
    func credentials() {
        let key = "gpk_0123456789_"
        func read(_ headers: [(String, String)]) -> String? {
            guard let found = ForwardCredential(Headers(headers)) else { return nil }
            let suffix = (found.isCookie ? " cookie" : "") + (found.choices.map { " of \($0.all.count)" } ?? "")
            return switch found.credential {
            case .none: "none" + suffix
            case .malformed: "malformed" + suffix
            case .accessToken(let text): "token \(text)" + suffix
            case .apiKey(let text): "key \(text)" + suffix
            }
        }
        #expect(read([]) == "none")
        #expect(read([("Authorization", "bEARER  t")]) == "token t")
        #expect(read([("Authorization", "Bearer \(key)")]) == "key \(key)")
        #expect(read([("X-Api-Key", key)]) == "key \(key)")
        #expect(read([("X-Api-Key", "t")]) == "malformed")
        for text in ["", "Bearer", "Bearer ", "t", "Basic", "Negotiate t"] {
            #expect(read([("Authorization", text)]) == "malformed", "\(text)")
        }
        #expect(read([("Cookie", "a=b; gapura_session=t;c=d")]) == "token t cookie")
        #expect(read([("Cookie", "gapura_session="), ("Cookie", "xgapura_session=t")]) == "none")
        #expect(read([("Cookie", "gapura_session=t"), ("Cookie", "gapura_session=t")]) == "token t cookie")
        #expect(read([("Cookie", "gapura_session=t; gapura_session=u")]) == "token t cookie of 2")
        #expect(read([("Cookie", "gapura_session=t; __Host-gapura_session=u")]) == "token u cookie of 2")
        #expect(read([("Cookie", "gapura_session=u; __Host-gapura_session=u")]) == "token u cookie")
        #expect(read([("Authorization", "Basic eA=="), ("Cookie", "gapura_session=t")]) == "token t cookie")
        #expect(read([("Authorization", "Basic eA==")]) == "none")
        #expect(read([("Authorization", "Bearer t"), ("Cookie", "gapura_session=u; gapura_session=t")]) == "token t")
        #expect(read([("Authorization", "Bearer t"), ("Cookie", "gapura_session=t")]) == "token t")
        #expect(read([("Authorization", "Bearer t"), ("Cookie", "gapura_session=u")]) == nil)
        #expect(read([("Authorization", "Bearer \(key)"), ("X-Api-Key", key)]) == "key \(key)")
        #expect(read([("Authorization", "Bearer t"), ("X-Api-Key", key)]) == nil)
        #expect(read([("Authorization", "Bearer t"), ("Authorization", "Bearer t")]) == nil)
    }
}
