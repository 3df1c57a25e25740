import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Cleaning up")
struct CleanUpTests {
    private let scene = AccountsScene()

    @Test("an account that nobody has proved for seven days goes; proved and younger ones stay")
    func unproved() async throws {
        let old = try scene.add("old@example.com", isVerified: false)
        let proved = try scene.add("proved@example.com")
        scene.clock.advance(by: .seconds(60))
        let young = try scene.add("young@example.com", isVerified: false)
        scene.clock.advance(by: .seconds(7 * 86_400) - .seconds(59))
        #expect(try await scene.cleanUp() == 1)
        #expect(Set(scene.work.store.accounts.keys) == [proved.id, young.id])
        #expect(scene.work.store.events(of: UserDeleted.self).map(\.userID) == [old.id])
        #expect(scene.work.store.auditLines == ["done user.erased"])
        #expect(scene.work.store.audit.first?.actor == "system")
        #expect(try await scene.cleanUp() == 0)
    }

    @Test("what has expired goes after the time for questions")
    func expired() async throws {
        let user = try scene.add()
        _ = try await scene.signIn(password: "wrong horse")
        let ended = try await scene.signedIn()
        let living = try await scene.signedIn()
        _ = try await scene.signIn(password: "wrong horse")
        try await scene.end(ended)
        _ = try await scene.mailedCode()
        #expect(try await scene.cleanUp() == 0)
        scene.clock.advance(by: .seconds(2 * 86_400))
        // The code, the counters of the account and its network, and the revocation.
        #expect(try await scene.cleanUp() == 4)
        #expect(scene.work.store.signInCodes.isEmpty)
        #expect(scene.work.store.signInFailures.isEmpty)
        #expect(scene.work.store.revocations.isEmpty)
        #expect(scene.work.store.sessions.count == 2)
        scene.clock.advance(by: .seconds(30 * 86_400))
        #expect(try await scene.cleanUp() == 2)
        let store = scene.work.store
        #expect(Set(store.sessions.keys) == [living.session.id])
        #expect(store.refreshTokens.map(\.sessionID) == [living.session.id])
        #expect(store.validations.isEmpty)
        #expect(store.accounts[user.id] != nil)
    }
}
