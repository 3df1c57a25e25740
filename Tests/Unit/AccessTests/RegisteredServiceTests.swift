import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("Services")
struct RegisteredServiceTests {
    private let identifiers = SequentialIdentifiers()
    private let now = Timestamp(seconds: 1_790_000_000)

    private func draft() -> ServiceDraft {
        ServiceDraft(slug: "cvmaker", name: "CV maker", audience: "https://cv.example.com", upstream: "http://cv:9000")
    }

    private func fields(_ change: (inout ServiceDraft) -> Void) -> [String] {
        var draft = draft()
        change(&draft)
        do throws(InvalidFields) {
            _ = try draft.validated(.ofTests)
            return []
        } catch {
            return error.problems.map(\.field)
        }
    }

    @Test("a good description becomes a service's rules")
    func good() throws {
        var draft = draft()
        draft.requiredPermission = "cv:use"
        draft.plans = ["pro", "enterprise"]
        draft.routes = [
            .init(method: "POST", path: "/render/", permission: "cv:render", cost: 5), .init(path: "/"),
        ]
        let (slug, rules) = try draft.validated(.ofTests)
        #expect(slug.text == "cvmaker")
        #expect(rules.requiredPermission == Permission("cv:use"))
        #expect(rules.plans == [.pro, .enterprise])
        #expect(rules.routes.map(\.prefix) == ["/render", ""])
        #expect(rules.routes.map(\.method) == [.post, nil])
        #expect(rules.routes.map(\.cost) == [5, 1])
    }

    @Test("what a service demands of Gapura's own resources is declared")
    func declared() throws {
        #expect(fields { $0.requiredPermission = "users:raed" } == ["required_permission"])
        let routes = [
            ServiceDraft.Route(path: "/a", permission: "roles:*"), .init(path: "/b", permission: "roles:wirte"),
        ]
        #expect(fields { $0.routes = routes } == ["routes[1].permission"])
        var draft = draft()
        draft.requiredPermission = "users:raed"
        var rules = ServiceRules(name: "CV", audience: "cv", upstream: "http://cv")
        rules.requiredPermission = Permission("users:raed")
        #expect(try draft.validated(.ofTests, keeping: rules).rules.requiredPermission == rules.requiredPermission)
    }

    @Test("a name with what is not seen or turns the text around it is refused, unless it is there already")
    func names() throws {
        for name in ["CV\u{202E}rekam", "CV\u{200B}", "\u{3000}", "CV\n", String(repeating: "x", count: 101)] {
            #expect(
                fields {
                    $0.name = name; $0.slug = "CV"
                } == ["slug", "name"])
        }
        #expect(fields { $0.name = "\u{1F469}\u{200D}\u{1F680} Żółć \u{2764}\u{FE0F}" } == [])
        var draft = draft()
        draft.name = "CV\u{202E}rekam"
        let rules = ServiceRules(name: draft.name, audience: "cv", upstream: "http://cv")
        #expect(try draft.validated(.ofTests, keeping: rules).rules.name == draft.name)
        draft.name += "x"
        #expect(throws: InvalidFields.self) { try draft.validated(.ofTests, keeping: rules) }
    }

    @Test("every bad field is told at once")
    func allFields() {
        let fields = fields { draft in
            draft = ServiceDraft(slug: "CV", name: "", audience: "a b", upstream: "ftp://x")
            draft.requiredPermission = "cv"
            draft.plans = ["pro", "No Plan"]
            draft.routes = [
                .init(method: "get", path: "/a//b", permission: "x", cost: -1), .init(path: "/ok"),
                .init(path: "/ok/"), .init(path: "/q?x=1"),
            ]
        }
        let expected = [
            "slug", "name", "audience", "upstream", "required_permission", "plans[1]", "routes[0].method",
            "routes[0].permission", "routes[0].cost", "routes[0].path", "routes[2].path", "routes[3].path",
        ]
        #expect(fields == expected)
    }

    @Test(
        "a slug is lower-case letters, digits, _ and -",
        arguments: [
            ("cvmaker", true), ("3dbinpacking", true), ("media_information", true), ("a", true), ("", false),
            ("-a", false), ("_a", false), ("A", false), ("a.b", false), ("a/b", false), ("\u{e4}", false),
            (String(repeating: "a", count: 63), true), (String(repeating: "a", count: 64), false),
        ])
    func slugs(_ text: String, _ isGood: Bool) {
        #expect((ServiceSlug(text) != nil) == isGood)
    }

    @Test(
        "an upstream is a plain address that means nothing else in a gateway's configuration",
        arguments: [
            ("http://127.0.0.1:9000", true), ("https://cv.example.com/api/v1", true), ("http://cv_maker:80/", true),
            ("http://[::1]:9000", true), ("http://localhost", true), ("", false), ("cv:9000", false),
            ("http://", false), ("http://a:0", false), ("http://a:65536", false), ("http://a:+1", false),
            ("http://u@a", false), ("http://a/$x", false), ("http://a;", false), ("http://a/x;y", false),
            ("http://a/\n}", false), ("http://a?x", false), ("http://a b", false), ("http://a..b", false),
            ("http://-a", false), ("http://[::1", false), ("http://[]", false), ("unix:/run/x", false),
            ("HTTP://a", false), ("http://a/{b}", false),
        ])
    func upstreams(_ text: String, _ isGood: Bool) {
        #expect(UpstreamAddress.isValid(text) == isGood)
        #expect(fields { $0.upstream = text } == (isGood ? [] : ["upstream"]))
    }

    @Test("too many routes or plans are refused")
    func tooMany() {
        #expect(fields { $0.routes = (0...200).map { .init(path: "/\($0)") } } == ["routes"])
        #expect(fields { $0.routes = (0..<200).map { .init(path: "/\($0)") } } == [])
        #expect(fields { $0.plans = (0...32).map { "p\($0)" } } == ["plans"])
    }

    @Test("a request needs the service's right and the route's, and costs what the route says")
    func demand() throws {
        let use = try #require(Permission("cv:use"))
        let render = try #require(Permission("cv:render"))
        let rules = ServiceRules(
            name: "CV", audience: "cv", upstream: "http://cv", requiredPermission: use,
            routes: [try RouteRule(prefix: "/render", permission: render, cost: 5)])
        let service = service(rules)
        let demand = try #require(service.demand(.route(0)))
        #expect(demand.cost == 5 && demand.route == 0 && !demand.isOpen)
        func missing(_ demand: RouteDemand, _ rights: Permission...) -> Permission? {
            let rights = CallerRights(platform: PermissionSet(rights))
            return demand.missing { rights.passes($0, .ofTests) }
        }
        #expect(missing(demand, use, render) == nil)
        #expect(missing(demand, use) == render)
        #expect(missing(demand, render) == use)
        #expect(missing(demand) == use)
        #expect(service.demand(.refused) == nil)
        #expect(service.demand(.unrestricted)?.cost == 1)
        let question = service.demand(render)
        #expect(question.cost == 1 && question.route == nil && missing(question, use) == render)
        let open = self.service(ServiceRules(name: "CV", audience: "cv", upstream: "http://cv"))
        #expect(open.demand(.unrestricted)?.isOpen == true && !open.demand(render).isOpen)
    }

    @Test("a service that names plans is open to them only, or by a contract that names the service")
    func plans() throws {
        var rules = ServiceRules(name: "CV", audience: "cv", upstream: "http://cv")
        #expect(service(rules).isOpen(to: .free))
        rules.plans = [.pro]
        let marked = service(rules)
        #expect(marked.isOpen(to: .pro))
        #expect(!marked.isOpen(to: .free))
        let limits = [Limit(5, per: .day, scope: .service(marked.slug))]
        let grant = EntitlementGrant(plan: .enterprise, limits: limits, since: now)
        let entitlement = Entitlement(
            id: identifiers.next(), subject: .user(identifiers.next()), grant: grant, version: 1, updatedAt: now)
        #expect(EffectivePlan(entitlement, catalog: .standard, at: now).includes(marked))
        #expect(!EffectivePlan(nil, catalog: .standard, at: now).includes(marked))
    }

    private func service(_ rules: ServiceRules) -> RegisteredService {
        let slug = ServiceSlug("cvmaker")
        return RegisteredService(
            id: identifiers.next(), slug: slug!, rules: rules, createdAt: now, updatedAt: now)
    }
}
