import AccessDomain
import Shared
import TestSupport
import Testing

@Suite("Routes of a service")
struct RouteMatcherTests {
    private func match(
        _ routes: [(RequestMethod?, String)], _ method: RequestMethod, _ target: String
    ) throws
        -> RouteMatcher.Match
    {
        let routes = try routes.map { try RouteRule(method: $0.0, prefix: $0.1) }
        return RouteMatcher(routes).match(method, try RequestPath(target: target))
    }

    @Test("a service without routes takes every path; one with routes refuses the rest")
    func rest() throws {
        #expect(try match([], .get, "/x") == .unrestricted)
        #expect(try match([(nil, "/a")], .get, "/x") == .refused)
        #expect(RouteMatcher([]).matchWithoutPath == .unrestricted)
        #expect(RouteMatcher([try RouteRule(prefix: "/")]).matchWithoutPath == .refused)
    }

    @Test("the longest prefix wins, on whole segments")
    func longest() throws {
        let routes: [(RequestMethod?, String)] = [(nil, "/"), (nil, "/admin"), (nil, "/admin/users")]
        for (target, index) in [
            ("/", 0), ("/x", 0), ("/admin", 1), ("/admin/", 1), ("/admin/x", 1), ("/administrator", 0),
            ("/admin/users", 2), ("/admin/users/7", 2), ("/admin/users2", 1), ("/x/admin", 0), ("/Admin", 0),
            ("/admin?x=/admin/users", 1), ("/admin%3F/users", 0),
        ] {
            #expect(try match(routes, .get, target) == .route(index), "\(target)")
        }
    }

    @Test("a method's own route goes before one for any; GET takes HEAD")
    func methods() throws {
        let routes: [(RequestMethod?, String)] = [(nil, "/a"), (.get, "/a"), (.post, "/a"), (.get, "/b")]
        #expect(try match(routes, .get, "/a") == .route(1))
        #expect(try match(routes, .head, "/a") == .route(1))
        #expect(try match(routes, .post, "/a") == .route(2))
        #expect(try match(routes, .delete, "/a") == .route(0))
        #expect(try match(routes, .other, "/a") == .route(0))
        #expect(try match(routes, .head, "/b") == .route(3))
        #expect(try match(routes, .post, "/b") == .refused)
        #expect(try match(routes, .options, "/b") == .refused)
        #expect(try match(routes, .other, "/b") == .refused)
    }

    @Test("a longer prefix hides the shorter ones for every method")
    func hiding() throws {
        let routes: [(RequestMethod?, String)] = [(nil, "/"), (.get, "/admin")]
        #expect(try match(routes, .post, "/admin") == .refused)
        #expect(try match(routes, .post, "/admin/x") == .refused)
        #expect(try match(routes, .post, "/adm") == .route(0))
    }

    @Test("a known method in another case is read in two ways, so it is none; unknown ones are others")
    func methodNames() {
        for method in RequestMethod.allCases {
            guard let name = method.name else { continue }
            #expect(RequestMethod(name: name) == method)
            let lower = name.lowercased()
            for other in [lower, "\(name.prefix(1))\(lower.dropFirst())", "\(name.dropLast())\(lower.suffix(1))"] {
                #expect(RequestMethod(name: other) == nil, "\(other)")
            }
        }
        #expect(RequestMethod(name: "BREW") == .other && RequestMethod(name: "brew") == .other)
        #expect(RequestMethod(name: "GETS") == .other && RequestMethod(name: "") == .other)
        // In upper case it is OPTIONS.
        #expect(RequestMethod(name: "opt\u{131}ons") == nil)
        #expect(RequestMethod(name: "OPTION\u{17F}") == nil)
    }

    @Test("a segment in braces stands for any one segment, and the route covers what is below it")
    func parameters() throws {
        let routes: [(RequestMethod?, String)] = [
            (nil, "/notes"), (nil, "/notes/{id}"), (nil, "/notes/{id}/pages"), (nil, "/notes/{id}/{page}/x"),
        ]
        for (target, index) in [
            ("/notes", 0), ("/notes/", 0), ("/notes/7", 1), ("/notes/7/", 1), ("/notes/%7B", 1), ("/notes/7/x", 1),
            ("/notes/7/pages", 2), ("/notes/7/pages/1", 2), ("/notes/7/pages2", 1), ("/notes/7/y/x", 3),
            ("/notes/7/pages/x", 3), ("/notes/7/y/x/z", 3), ("/notes/a%20b", 1), ("/notes/\u{e9}", 1),
        ] {
            #expect(try match(routes, .get, target) == .route(index), "\(target)")
        }
        #expect(try match(routes, .get, "/notes2") == .refused)
        #expect(try match([(nil, "/{any}")], .get, "/") == .refused)
        #expect(try match([(nil, "/{any}/{more}")], .get, "/a") == .refused)
        #expect(try match([(nil, "/a/{any}")], .get, "/a/") == .refused)
    }

    @Test("where two are equally long, a literal segment goes before one in braces, from the left")
    func literalFirst() throws {
        for routes in [
            [(nil, "/{a}/x"), (nil, "/notes/{id}"), (nil, "/notes/x")],
            [(nil, "/notes/x"), (nil, "/notes/{id}"), (nil, "/{a}/x")],
        ] as [[(RequestMethod?, String)]] {
            func decides(_ target: String) throws -> String? {
                guard case .route(let index) = try match(routes, .get, target) else { return nil }
                return routes[index].1
            }
            #expect(try decides("/notes/x") == "/notes/x")
            #expect(try decides("/notes/y") == "/notes/{id}")
            #expect(try decides("/other/x") == "/{a}/x")
            #expect(try decides("/other/y") == nil)
        }
        // The method does not choose the path.
        #expect(try match([(.get, "/notes/{id}"), (.post, "/notes/new")], .get, "/notes/new") == .refused)
    }

    @Test("what is a pattern in other products is refused; escaped it is a character")
    func wildcards() throws {
        for path in ["/v1/*", "/*", "/a*b", "/users/:id", "/a:b"] {
            #expect(throws: RoutePath.Refusal.wildcard) { try RoutePath(path) }
        }
        for path in ["/a{id}", "/{id", "/id}", "/{}", "/{a}{b}", "/{a b}".replacing(" ", with: "%20"), "/{a.b}"] {
            #expect(throws: RoutePath.Refusal.braces) { try RoutePath(path) }
        }
        #expect(throws: RoutePath.Refusal.query) { try RoutePath("/a?b") }
        #expect(throws: RoutePath.Refusal.path(.emptySegment)) { try RoutePath("/a//b") }
        let literal: [(RequestMethod?, String)] = [(nil, "/%7Bid%7D/%2A%3a")]
        #expect(try match(literal, .get, "/{id}/*:") == .route(0))
        #expect(try match(literal, .get, "/7/*:") == .refused)
        #expect(try RoutePath("/%7Bid%7D") != RoutePath("/{id}"))
    }

    @Test("every spelling of a path reaches the same route")
    func spellings() throws {
        let routes: [(RequestMethod?, String)] = [
            (nil, "/"), (nil, "/admin"), (nil, "/caf%C3%A9"), (.post, "/a b".replacing(" ", with: "%20")),
            (nil, "/admin/caf\u{e9}"),
        ]
        var generator = SeededGenerator(seed: 11)
        let letters = Array("admin/caf\u{e9} b~".utf8)
        for round in 0..<5_000 {
            let plain: String
            if round % 2 == 0 {
                let bases = ["/admin", "/caf\u{e9}", "/a b", "/admin/caf\u{e9}/x", "/adminx", "/x"]
                plain = bases.randomElement(using: &generator) ?? "/"
            } else {
                let count = Int.random(in: 0..<8, using: &generator)
                let bytes = (0..<count).compactMap { _ in letters.randomElement(using: &generator) }
                plain = "/" + String(decoding: bytes, as: UTF8.self)
            }
            func spelled(escape: (UInt8) -> Bool) -> String {
                plain.utf8.reduce(into: "") { text, byte in
                    if byte == 0x2F || byte != 0x20 && byte < 0x80 && !escape(byte) {
                        text.append(Character(Unicode.Scalar(byte)))
                    } else {
                        let isLower = Bool.random(using: &generator)
                        let digits = String(byte, radix: 16, uppercase: !isLower)
                        text += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
                    }
                }
            }
            let first = spelled { _ in false }
            let second = spelled { _ in Bool.random(using: &generator) }
            let method = RequestMethod.allCases.randomElement(using: &generator) ?? .get
            let found = try? match(routes, method, first)
            #expect(found == (try? match(routes, method, second)), "\(first) and \(second)")
        }
    }

    @Test("over random tables it agrees with a naive search")
    func againstNaive() throws {
        var generator = SeededGenerator(seed: 13)
        func path() -> String {
            let names = ["a", "b", "ab", "abc"]
            let count = Int.random(in: 0..<4, using: &generator)
            return "/" + (0..<count).compactMap { _ in names.randomElement(using: &generator) }.joined(separator: "/")
        }
        func segments(_ path: String) -> [Substring] { path.split(separator: "/") }
        for round in 0..<3_000 {
            var routes: [RouteRule] = []
            for _ in 0..<Int.random(in: 1..<7, using: &generator) {
                let method: RequestMethod? = [nil, .get, .post, .head].randomElement(using: &generator) ?? nil
                let route = try RouteRule(method: method, prefix: path())
                if !routes.contains(where: { $0.method == route.method && $0.prefix == route.prefix }) {
                    routes.append(route)
                }
            }
            let method = RequestMethod.allCases.randomElement(using: &generator) ?? .get
            let target = path() + (Bool.random(using: &generator) ? "?q" : "")
            let asked = segments(String(target.prefix { $0 != "?" }))
            let covering = routes.indices.filter { asked.starts(with: segments(routes[$0].prefix)) }
            let longest = covering.map { segments(routes[$0].prefix).count }.max()
            let deepest = covering.filter { segments(routes[$0].prefix).count == longest }
            let wanted: [RequestMethod?] = method == .head ? [.head, .get, nil] : [method, nil]
            let winner = wanted.lazy.compactMap { want in deepest.first { routes[$0].method == want } }.first
            let found = RouteMatcher(routes).match(method, try RequestPath(target: target))
            #expect(found == winner.map { .route($0) } ?? .refused, "round \(round): \(method) \(target)")
        }
    }
}
