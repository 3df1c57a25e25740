import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import AccountsContractDoubles
import Shared
import TestSupport
import Testing

@Suite("Giving and taking roles")
struct ManageUserRolesTests {
    private let scene = AdministrationScene()

    private func set(
        _ roles: [String], of user: UserID, by administrator: Principal? = nil
    ) async throws -> SetUserRolesOutcome {
        try await scene.manageUserRoles.setRoles(
            SetUserRolesCommand(
                userID: user, roles: roles, principal: administrator ?? scene.administrator()))
    }

    private func names(_ outcome: SetUserRolesOutcome) -> [String]? {
        if case .set(let roles) = outcome { roles.map(\.name) } else { nil }
    }

    @Test("what differs is given and taken, told everywhere, and the same again is told to nobody")
    func gives() async throws {
        let ana = try scene.user("ana")
        scene.role("author", .empty, heldBy: ana)
        scene.role("editor", .empty)
        #expect(names(try await set(["support", "editor", "editor"], of: ana)) == ["editor", "support"])
        #expect(names(try await set(["editor", "support"], of: ana)) == ["editor", "support"])
        #expect(try await scene.manageUserRoles.roles(of: ana)?.map(\.name) == ["editor", "support"])
        let store = scene.work.store
        #expect(store.changes == [.user(ana.value)])
        #expect(store.events(of: RoleChanged.self).map(\.userID) == [ana.value])
        #expect(store.auditLines == ["done user.roles_changed"])
        #expect(scene.users.calls.isEmpty)
    }

    @Test("admin is given and taken through Accounts, and is no row here")
    func administrators() async throws {
        try scene.user("boss", isAdministrator: true)
        let ana = try scene.user("ana")
        #expect(names(try await set(["admin", "support"], of: ana)) == ["admin", "support"])
        #expect(scene.users.user(ana)?.standing.isAdministrator == true)
        #expect(scene.work.store.userRoles[ana.value]?.count == 1)
        #expect(names(try await set(["support"], of: ana)) == ["support"])
        #expect(scene.users.calls.map(\.name) == ["appoint", "dismiss"])
        #expect(scene.users.calls[0].actor == scene.administrator())
        #expect(scene.work.store.changes == [.user(ana.value), .user(ana.value)])
    }

    @Test("the last administrator stays, and none of his other roles is touched")
    func lastAdministrator() async throws {
        let boss = try scene.user("boss", isAdministrator: true)
        #expect(try await set(["support"], of: boss) == .refused(.lastAdmin))
        #expect(scene.work.store.userRoles[boss.value] == nil)
        #expect(scene.work.store.events.isEmpty)
    }

    @Test("nobody gives or takes a role with a right that he does not have")
    func rights() async throws {
        let boss = try scene.user("boss", isAdministrator: true)
        try scene.user("other", isAdministrator: true)
        let ana = try scene.user("ana")
        let strong = scene.role("strong", try AdministrationScene.set("documents:*"), heldBy: ana)
        let weak = scene.administrator(try AdministrationScene.set("roles:*", "documents:read"))
        #expect(try await set(["admin"], of: ana, by: weak) == .refused(.permissionDenied))
        #expect(try await set([], of: boss, by: weak) == .refused(.permissionDenied))
        #expect(try await set([], of: ana, by: weak) == .refused(.permissionDenied))
        #expect(try await set(["strong"], of: boss, by: weak) == .refused(.permissionDenied))
        // What stays is not in play.
        scene.role("reader", try AdministrationScene.set("documents:read"))
        #expect(names(try await set(["strong", "reader"], of: ana, by: weak)) == ["reader", "strong"])
        #expect(scene.users.calls.isEmpty)
        #expect(scene.work.store.userRoles[ana.value]?.contains(strong.id) == true)
        #expect(
            scene.work.store.auditLines == Array(
                repeating: "refused user.roles_changed permission_denied", count: 4) + ["done user.roles_changed"])
    }

    @Test("an unknown name is told by its place, an unknown user as such")
    func unknown() async throws {
        let ana = try scene.user("ana")
        let outcome = try await set(["support", "nobody"], of: ana)
        #expect(outcome == .invalid(InvalidFields([.init("roles[1]", "is not the name of a role")])))
        #expect(scene.work.store.userRoles[ana.value] == nil)
        let nobody = UserID(SequentialIdentifiers.identifier(999))
        #expect(try await set(["support"], of: nobody) == .unknownUser)
        #expect(try await scene.manageUserRoles.roles(of: nobody) == nil)
    }

    @Test("a role that goes while admin is given is told; the same again completes what was cut off")
    func race() async throws {
        try scene.user("boss", isAdministrator: true)
        let ana = try scene.user("ana")
        let editor = scene.role("editor", .empty)
        let work = scene.work
        work.beforeNextWrite {}
        work.beforeNextWrite { work.arrange { $0.roles[editor.id] = nil } }
        let outcome = try await set(["admin", "editor"], of: ana)
        #expect(outcome == .invalid(InvalidFields([.init("roles[1]", "is not the name of a role")])))
        #expect(names(try await set(["admin"], of: ana)) == ["admin"])
    }
}
