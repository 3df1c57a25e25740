import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Managing somebody who may do more")
struct ManageUsersCoverTests {
    private let scene = AccountsScene()

    private var weak: Principal {
        Principal(
            .session(SequentialIdentifiers.identifier(900_002)), of: SequentialIdentifiers.identifier(900_003),
            permissions: PermissionSet([AccountsPermission.usersWrite.permission]),
            client: AccountsScene.administratorClient)
    }

    private func every(
        _ users: ManageUsersService, _ id: UserID, _ session: SessionID, by principal: Principal
    ) async throws -> [ManageUserOutcome] {
        [
            try await users.update(UpdateUserCommand(id: id, isActive: false, actor: principal)),
            try await users.block(BlockUserCommand(id: id, reason: "spam", actor: principal)),
            try await users.unblock(id, by: principal),
            try await users.endSession(session, of: id, by: principal),
            try await users.endSessions(of: id, by: principal),
            try await users.delete(id, by: principal),
        ]
    }

    @Test("changes nothing, by any way, and leaves a line each time", arguments: [true, false])
    func stronger(_ isAdministrator: Bool) async throws {
        try scene.add("other@example.com") { $0.role = .admin }
        let user = try scene.add { $0.role = isAdministrator ? .admin : nil }
        let mine = try await scene.signedIn()
        let before = scene.work.store
        let users = scene.manageUsers(RuleOfCoverDouble(strong: [user.id]))
        let outcomes = try await every(users, user.id, mine.session.id, by: weak)
        #expect(outcomes == Array(repeating: .permissionDenied, count: 6))
        let after = scene.work.store
        #expect(after.accounts == before.accounts && after.sessions == before.sessions)
        #expect(after.eventTypes == before.eventTypes)
        let lines = after.auditLines.dropFirst(before.auditLines.count)
        let actions =
            ["updated", "blocked", "unblocked"].map { "user.\($0)" }
            + ["session.revoked", "session.revoked", "user.deleted"]
        #expect(Array(lines) == actions.map { "refused \($0) permission_denied" })
    }

    @Test("is asked in the transaction of the change, about the account as it is then")
    func inTheTransaction() async throws {
        try scene.add("other@example.com") { $0.role = .admin }
        let user = try scene.add()
        // Between the look at the caller and the change.
        _ = try await scene.administration.setAdministrator(true, of: user.id, by: scene.actor)
        let outcome = try await scene.manageUsers.block(
            BlockUserCommand(id: user.id, reason: "spam", actor: weak))
        #expect(outcome == .permissionDenied)
        #expect(scene.work.store.accounts[user.id]?.user.block == nil)
    }
}
