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
}
