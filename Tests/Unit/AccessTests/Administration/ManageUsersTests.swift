import AccessApplication
import AccessDomain
import AccessDoubles
import AccountsContract
import Shared
import TestSupport
import Testing

@Suite("Managing users")
struct ManageUsersTests {
    private let scene = AdministrationScene()

    private func every(_ id: UserID, by administrator: Principal) async throws -> [ManageUserOutcome] {
        let actor = administrator
        return [
            try await scene.manageUsers.update(
                UpdateUserCommand(id: id, isActive: false, actor: actor), by: administrator),
            try await scene.manageUsers.block(
                BlockUserCommand(id: id, reason: "spam", actor: actor), by: administrator),
            try await scene.manageUsers.unblock(id, by: administrator),
            try await scene.manageUsers.endSessions(of: id, nil, by: administrator),
            try await scene.manageUsers.delete(id, by: administrator),
        ]
    }

    @Test("who may do more than the administrator is not touched, by any way, and each attempt leaves a line")
    func stronger() async throws {
        let boss = try scene.user("boss", isAdministrator: true)
        try scene.user("other", isAdministrator: true)
        let strong = try scene.user("strong")
        scene.role("strong", try AdministrationScene.set("documents:write"), heldBy: strong)
        let weak = scene.administrator(try AdministrationScene.set("users:*"))
        for id in [boss, strong] {
            #expect(try await every(id, by: weak) == Array(repeating: .permissionDenied, count: 5))
        }
        #expect(scene.users.calls.isEmpty)
        #expect(scene.work.store.auditLines.count == 10)
        #expect(scene.work.store.auditLines.first == "refused user.updated permission_denied")
    }

    @Test("who may do as much is changed through Accounts, by whom it is done")
    func ordinary() async throws {
        let ana = try scene.user("ana")
        scene.role("reader", try AdministrationScene.set("users:read"), heldBy: ana)
        let outcomes = try await every(ana, by: scene.administrator(try AdministrationScene.set("users:*")))
        #expect(outcomes.last == .ended && outcomes[3] == .ended)
        #expect(scene.users.calls.map(\.name) == ["update", "block", "unblock", "end sessions", "delete"])
        #expect(scene.users.calls.allSatisfy { $0.actor.userID == scene.administrator().userID })
        #expect(scene.work.writeCount == 0)
    }

    @Test("nobody is found under an unknown id, nor a session of another user")
    func unknown() async throws {
        let nobody = UserID(SequentialIdentifiers.identifier(999))
        let administrator = scene.administrator()
        #expect(try await every(nobody, by: administrator) == Array(repeating: .unknown, count: 5))
        let (ana, budi) = (try scene.user("ana"), try scene.user("budi"))
        let session = UserSession(
            id: scene.identifiers.next(), userAgent: nil, address: nil, createdAt: scene.now, lastUsed: scene.now,
            expiresAt: scene.now)
        scene.users.set([session], of: ana)
        #expect(try await scene.manageUsers.endSessions(of: budi, session.id, by: administrator) == .unknown)
        #expect(try await scene.manageUsers.endSessions(of: ana, session.id, by: administrator) == .ended)
    }

    @Test("the last administrator stays, and a block that is over is none")
    func refusals() async throws {
        let boss = try scene.user("boss", isAdministrator: true)
        let administrator = scene.administrator(id: boss.value)
        #expect(try await scene.manageUsers.delete(boss, by: administrator) == .lastAdministrator)
        let block = BlockUserCommand(id: boss, reason: "x", actor: administrator)
        #expect(try await scene.manageUsers.block(block, by: administrator) == .lastAdministrator)
        let ana = try scene.user("ana")
        let over = BlockUserCommand(id: ana, reason: "x", until: scene.now, actor: administrator)
        #expect(try await scene.manageUsers.block(over, by: administrator) == .blockIsOver)
    }
}
