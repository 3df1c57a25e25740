import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("Managing roles")
struct ManageRolesTests {
    private let scene = AdministrationScene()

    private func create(
        _ name: String, _ permissions: [String], by administrator: Principal? = nil, id: UInt64 = 500
    ) async throws -> RoleOutcome {
        try await scene.manageRoles.create(
            CreateRoleCommand(
                id: RoleID(SequentialIdentifiers.identifier(id)), name: name, permissions: permissions,
                principal: administrator ?? scene.administrator()))
    }

    @Test("a new role is told to everybody, with its event and its line, once for one request")
    func creates() async throws {
        let first = try await create("editor", ["documents:read", "documents:write"])
        guard case .done(let role) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(role.permissions.permissions.map(\.description) == ["documents:read", "documents:write"])
        #expect(try await create("editor", ["documents:read"]) == first)
        let store = scene.work.store
        #expect(store.changes == [.roles])
        #expect(store.events(of: RoleChanged.self).map(\.roleID) == [role.id])
        #expect(store.auditLines == ["done role.created"])
        #expect(store.auditTrail[0].entry.actor == "user:\(SequentialIdentifiers.identifier(900))")
        #expect(store.auditTrail[0].entry.personal["address"] == "192.0.2.1")
        #expect(try await scene.manageRoles.list().map(\.name) == ["admin", "editor", "support"])
    }

    @Test("a name is taken once, and the names of built-in roles for ever")
    func names() async throws {
        _ = try await create("editor", [])
        #expect(try await create("editor", [], id: 501) == .nameTaken)
        guard case .invalid(let invalid) = try await create("admin", ["nonsense"], id: 502) else {
            Issue.record("not refused")
            return
        }
        #expect(invalid.problems.map(\.field) == ["name", "permissions[0]"])
    }

    @Test("nobody hands out a right that he does not have; the attempt leaves a line and nothing else")
    func grants() async throws {
        let editor = scene.administrator(try AdministrationScene.set("roles:write", "documents:read"))
        #expect(try await create("reader", ["documents:*"], by: editor) == .refused(.permissionDenied))
        let store = scene.work.store
        #expect(store.auditLines == ["refused role.created permission_denied"])
        #expect(store.changes.isEmpty && store.events.isEmpty)
        #expect(store.roles.values.allSatisfy { $0.isBuiltIn })
    }

    private func change(
        _ role: Role, name: String? = nil, permissions: [String]? = nil, by administrator: Principal? = nil
    ) async throws -> RoleOutcome {
        try await scene.manageRoles.change(
            ChangeRoleCommand(
                id: role.id, name: name, permissions: permissions,
                principal: administrator ?? scene.administrator()))
    }

    @Test("a change is told, a change of nothing is not, and what is absent stays")
    func changes() async throws {
        let role = scene.role("editor", try AdministrationScene.set("documents:read"))
        scene.clock.advance(by: .seconds(5))
        guard case .done(let renamed) = try await change(role, name: "author") else {
            Issue.record("not changed")
            return
        }
        #expect(renamed.name == "author" && renamed.permissions == role.permissions)
        #expect(renamed.updatedAt == scene.now)
        #expect(try await change(role, name: "author", permissions: ["documents:read"]) == .done(renamed))
        #expect(scene.work.store.auditLines == ["done role.changed"])
        #expect(scene.work.store.eventTypes == ["role.changed"])
    }

    @Test("who does not have a right cannot take it from a role either")
    func takes() async throws {
        let role = scene.role("editor", try AdministrationScene.set("documents:write"))
        let weak = scene.administrator(try AdministrationScene.set("roles:write"))
        #expect(try await change(role, permissions: [], by: weak) == .refused(.permissionDenied))
        #expect(try await scene.manageRoles.delete(role.id, by: weak) == .refused(.permissionDenied))
        #expect(scene.work.store.roles[role.id] == role)
    }

    @Test("another role's name is taken, and what is no role of the platform is unknown")
    func unknown() async throws {
        let role = scene.role("editor", .empty)
        scene.role("author", .empty)
        #expect(try await change(role, name: "author") == .nameTaken)
        let tenant = TenantID(SequentialIdentifiers.identifier(700))
        let foreign = Role(
            id: scene.identifiers.next(), tenantID: tenant, name: "foreign", permissions: .empty, createdAt: scene.now,
            updatedAt: scene.now)
        scene.work.arrange { $0.roles[foreign.id] = foreign }
        #expect(try await change(foreign, name: "mine") == .unknown)
        #expect(try await scene.manageRoles.find(foreign.id) == nil)
        #expect(try await scene.manageRoles.delete(foreign.id, by: scene.administrator()) == .unknown)
    }

    @Test("built-in roles stay, and so do those that somebody has")
    func stays() async throws {
        let support = try #require(BuiltInRole.support.platformRole)
        #expect(try await change(support, permissions: ["*:*"]) == .refused(.builtIn))
        #expect(try await scene.manageRoles.delete(support.id, by: scene.administrator()) == .refused(.builtIn))
        let role = scene.role("editor", .empty, heldBy: try scene.user("ana"))
        #expect(try await scene.manageRoles.delete(role.id, by: scene.administrator()) == .refused(.inUse))
        scene.work.arrange { $0.userRoles = [:] }
        #expect(try await scene.manageRoles.delete(role.id, by: scene.administrator()) == .done(role))
        #expect(scene.work.store.auditLines == ["done role.deleted"])
        #expect(scene.work.store.changes == [.roles])
    }
}
