import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("Managing services")
struct ManageServicesTests {
    private let scene = AdministrationScene()

    private var draft: ServiceDraft {
        var draft = ServiceDraft(
            slug: "cvmaker", name: "CV maker", audience: "cvmaker", upstream: "http://127.0.0.1:9000")
        draft.requiredPermission = "cvmaker:use"
        draft.routes = [.init(method: "GET", path: "/caf%C3%A9", permission: "cvmaker:read", cost: 2)]
        draft.plans = ["free", "pro"]
        return draft
    }

    private func create(_ id: UInt64 = 500, _ draft: ServiceDraft? = nil) async throws -> ServiceOutcome {
        try await scene.manageServices.create(
            ServiceID(SequentialIdentifiers.identifier(id)), draft ?? self.draft, by: scene.administrator())
    }

    private var slug: ServiceSlug { get throws { try #require(ServiceSlug("cvmaker")) } }

    private func change(_ changes: ServiceChanges) async throws -> ServiceOutcome {
        try await scene.manageServices.change(try slug, changes, by: scene.administrator())
    }

    @Test("a service is registered once, told to everybody, and its slug is taken then")
    func creates() async throws {
        let first = try await create()
        guard case .done(let service) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(service.isActive && service.rules.routes.map(\.prefix) == ["/caf\u{E9}"])
        #expect(try await create() == first)
        #expect(try await create(501) == .slugTaken)
        let store = scene.work.store
        #expect(store.changes == [.services])
        #expect(store.events(of: ServiceChanged.self).map(\.slug) == ["cvmaker"])
        #expect(store.auditLines == ["done service.created"])
    }

    @Test("every bad field is told, when it is made and when it is changed, and nothing is written")
    func invalid() async throws {
        var bad = draft
        bad.upstream = "ftp://x"
        bad.routes = [.init(path: "//")]
        guard case .invalid(let made) = try await create(500, bad) else {
            Issue.record("not refused")
            return
        }
        #expect(made.problems.map(\.field) == ["upstream", "routes[0].path"])
        _ = try await create()
        guard case .invalid(let changed) = try await change(ServiceChanges(name: "", plans: ["PRO"])) else {
            Issue.record("not refused")
            return
        }
        #expect(changed.problems.map(\.field) == ["name", "plans[0]"])
        #expect(scene.work.store.auditLines == ["done service.created"])
    }

    @Test("what is absent stays, null clears, and a change of nothing is told to nobody")
    func changes() async throws {
        guard case .done(let before) = try await create() else {
            Issue.record("not made")
            return
        }
        scene.clock.advance(by: .seconds(1))
        guard
            case .done(let after) = try await change(
                ServiceChanges(name: "CVs", requiredPermission: .clear, allowAnonymous: true))
        else {
            Issue.record("not changed")
            return
        }
        var expected = before.rules
        expected.name = "CVs"
        expected.requiredPermission = nil
        expected.allowAnonymous = true
        #expect(after.rules == expected)
        #expect(after.id == before.id && after.createdAt == before.createdAt && after.updatedAt == scene.now)
        #expect(try await change(ServiceChanges(name: "CVs")) == .done(after))
        guard case .done(let open) = try await change(ServiceChanges(routes: [], plans: [])) else {
            Issue.record("not changed")
            return
        }
        #expect(open.rules.routes.isEmpty && open.rules.plans.isEmpty)
        #expect(open.matchWithoutPath == .unrestricted)
        #expect(
            scene.work.store.auditLines == ["done service.created", "done service.changed", "done service.changed"])
    }

    @Test("a service is closed and opened again, each once")
    func activity() async throws {
        _ = try await create()
        for isActive in [false, false, true] {
            guard
                case .done(let service) = try await scene.manageServices.setActive(
                    isActive, try slug, by: scene.administrator())
            else {
                Issue.record("not changed")
                return
            }
            #expect(service.isActive == isActive)
        }
        #expect(
            scene.work.store.auditLines == [
                "done service.created", "done service.deactivated", "done service.activated",
            ])
        #expect(scene.work.store.changes == [.services, .services, .services])
    }

    @Test("a removed service is gone, and unknown from then on")
    func deletes() async throws {
        _ = try await create()
        guard case .done = try await scene.manageServices.delete(try slug, by: scene.administrator()) else {
            Issue.record("not removed")
            return
        }
        #expect(try await scene.manageServices.delete(try slug, by: scene.administrator()) == .unknown)
        #expect(try await change(ServiceChanges(name: "x")) == .unknown)
        #expect(
            try await scene.manageServices.setActive(true, try slug, by: scene.administrator()) == .unknown)
        #expect(try await scene.manageServices.list().isEmpty)
        #expect(scene.work.store.eventTypes == ["service.changed", "service.changed"])
    }

    @Test("an audience belongs to one service, and none is APP_URL, however it is written")
    func audiences() async throws {
        try scene.service("jobportal")
        for taken in ["jobportal", "https://id.example.com", "HTTPS://ID.example.com/"] {
            var draft = draft
            draft.audience = taken
            #expect(try await create(500, draft) == .audienceTaken)
        }
        _ = try await create()
        #expect(try await change(ServiceChanges(audience: "jobportal")) == .audienceTaken)
        guard case .done = try await change(ServiceChanges(name: "Other", audience: "cvmaker")) else {
            Issue.record("its own audience is not taken")
            return
        }
    }

    @Test("Gapura's own name is no service's")
    func reserved() async throws {
        var draft = draft
        draft.slug = "gapura"
        guard case .invalid(let invalid) = try await create(500, draft) else {
            Issue.record("not refused")
            return
        }
        #expect(invalid.problems.map(\.field) == ["slug"])
    }

    @Test("a service that is made again under the same name inherits nothing: no key, no scope, no role, no limit")
    func inheritsNothing() async throws {
        let service = try scene.service("cvmaker")
        let other = try #require(ServiceSlug("jobportal"))
        let role = scene.role("asker", try AdministrationScene.set("access:check:cvmaker", "access:check:jobportal"))
        let listed = KeyServices([service.slug, other])
        func key(_ number: UInt64, _ owner: APIKey.Owner) -> APIKey {
            APIKey(
                id: APIKeyID(SequentialIdentifiers.identifier(number)), name: "key",
                prefix: APIKeyText(random: SeededRandom(seed: number)).prefix, hash: [1], owner: owner,
                services: listed, scopes: owner == .platform ? listed.checks : .empty, createdAt: scene.now,
                expiresAt: nil)
        }
        let keys = [key(700, .user(scene.identifiers.next(), in: nil)), key(701, .platform)]
        let limits = [
            Limit(3, per: .day, scope: .service(service.slug)), Limit(9, per: .day, scope: .service(other)),
        ]
        let entitlement = Entitlement(
            id: scene.identifiers.next(), subject: .user(scene.identifiers.next()),
            grant: EntitlementGrant(plan: .enterprise, limits: limits, since: scene.now), version: 4,
            updatedAt: scene.now)
        scene.work.arrange { store in
            for key in keys { store.apiKeys[key.id] = key }
            store.entitlements[entitlement.subject] = entitlement
        }
        guard case .done = try await scene.manageServices.delete(service.slug, by: scene.administrator()) else {
            Issue.record("not deleted")
            return
        }
        let store = scene.work.store
        for key in keys { #expect(store.apiKeys[key.id]?.services == KeyServices([other])) }
        #expect(store.apiKeys[keys[1].id]?.scopes == KeyServices([other]).checks)
        #expect(try store.roles[role.id]?.permissions == AdministrationScene.set("access:check:jobportal"))
        #expect(store.entitlements[entitlement.subject]?.grant.limits == [limits[1]])
        #expect(store.entitlements[entitlement.subject]?.version == 4)
        #expect(store.changes == [.roles, .services])
    }
}
