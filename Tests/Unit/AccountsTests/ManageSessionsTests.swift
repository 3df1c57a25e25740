import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Seeing and ending one's sessions")
struct ManageSessionsTests {
    private let scene = AccountsScene()

    @Test("lists the caller's living sessions, the newest first, whichever was used last")
    func lists() async throws {
        try scene.add()
        try scene.add("other@example.com")
        var mine: [SignedIn] = []
        for _ in 1...3 {
            scene.clock.advance(by: .seconds(60))
            mine.append(try await scene.signedIn())
        }
        _ = try await scene.signIn("other@example.com")
        try await scene.end(mine[1])
        scene.clock.advance(by: .seconds(60))
        _ = try await scene.rotate(mine[0].refreshToken.text, client: AccountsScene.client)
        let listed = try await scene.manageSessions.list(mine[0].caller, PageRequest()).items
        #expect(listed.map(\.id) == [mine[2].session.id, mine[0].session.id])
        #expect(listed.last?.lastUsed == scene.clock.now)
    }

    @Test("a session that nobody can use any more is not listed, however long it would have lived")
    func deadTokens() async throws {
        try scene.add()
        let (lost, mine) = (try await scene.signedIn(), try await scene.signedIn())
        let lifetime: Duration = .seconds(30 * 86_400)
        scene.clock.advance(by: lifetime - .seconds(1))
        let rotated = try await scene.rotate(mine.refreshToken.text, client: AccountsScene.client)
        #expect(rotated.signedIn != nil)
        func listed() async throws -> [SessionID] {
            try await scene.manageSessions.list(mine.caller, PageRequest()).items.map(\.id)
        }
        #expect(try await listed() == [mine.session.id, lost.session.id])
        scene.clock.advance(by: .seconds(1))
        #expect(try await listed() == [mine.session.id])
        let managed = try await scene.manageUsers.sessions(of: mine.account.user.id, PageRequest())
        #expect(managed?.items.map(\.id) == [mine.session.id])
        #expect(try await scene.rotate(lost.refreshToken.text, client: AccountsScene.client).signedIn == nil)
    }

    @Test("ends one of the caller's sessions once, with its tokens")
    func revokes() async throws {
        try scene.add()
        let (mine, lost) = (try await scene.signedIn(), try await scene.signedIn())
        let isRevoked = try await revoke(lost.session.id, mine.caller)
        #expect(isRevoked)
        #expect(try await revoke(lost.session.id, mine.caller) == false)
        let store = scene.work.store
        #expect(store.sessions[lost.session.id]?.revocationReason == .revoked)
        #expect(store.revokedSubjects == [.session(lost.session.id)])
        #expect(store.events(of: SessionRevoked.self).map(\.reason) == ["revoked"])
        #expect(store.auditLines.last == "done session.revoked")
        #expect(try await scene.authenticate(accessToken: lost.accessToken.text.reveal()) == nil)
        #expect(try await scene.authenticate(accessToken: mine.accessToken.text.reveal()) != nil)
    }

    @Test("a session of somebody else, or one that is over or unknown, is not there to be ended")
    func foreign() async throws {
        try scene.add()
        try scene.add("other@example.com")
        let mine = try await scene.signedIn()
        let foreign = try #require(try await scene.signIn("other@example.com").signedIn)
        #expect(try await revoke(foreign.session.id, mine.caller) == false)
        #expect(try await revoke(scene.identifiers.next(), mine.caller) == false)
        scene.clock.set(to: mine.session.expiresAt)
        #expect(try await revoke(mine.session.id, mine.caller) == false)
        #expect(scene.work.store.revokedSubjects == [])
    }

    @Test("signing out everywhere ends all of the caller's sessions and nobody else's")
    func revokesAll() async throws {
        try scene.add()
        try scene.add("other@example.com")
        let mine = [try await scene.signedIn(), try await scene.signedIn()]
        let foreign = try #require(try await scene.signIn("other@example.com").signedIn)
        for _ in 1...2 { try await scene.manageSessions.revokeAll(mine[0].caller, client: AccountsScene.client) }
        let store = scene.work.store
        #expect(Set(store.revokedSubjects) == Set(mine.map { .session($0.session.id) }))
        #expect(store.events(of: SessionRevoked.self).count == 2)
        #expect(store.sessions[foreign.session.id]?.revokedAt == nil)
    }

    private func revoke(_ id: SessionID, _ caller: SessionCaller) async throws -> Bool {
        try await scene.manageSessions.revoke(id, caller, client: AccountsScene.client)
    }
}

extension SignedIn {
    var caller: SessionCaller { SessionCaller(userID: account.user.id, sessionID: session.id) }
}
