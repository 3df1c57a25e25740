import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Confirming once more by the password")
struct ConfirmIdentityTests {
    private let scene = AccountsScene()

    /// The three things that ask for it, in turn.
    private func confirm(
        _ number: Int, _ caller: SessionCaller, _ password: String = "wrong horse"
    ) async throws -> ConfirmationRefusal? {
        let (secret, client) = (Secret(password), AccountsScene.client)
        switch number % 3 {
        case 0:
            let outcome = try await scene.manageAccount.changePassword(
                ChangePasswordCommand(
                    caller: caller, current: secret, new: try Password(normalized: "another horse", for: nil),
                    client: client))
            if case .refused(.confirmation(let refusal)) = outcome { return refusal }
        case 1:
            let outcome = try await scene.manageAccount.changeEmail(
                ChangeEmailCommand(
                    caller: caller, email: try #require(EmailAddress("new@example.com")), password: secret,
                    client: client))
            if case .refused(let refusal) = outcome { return refusal }
        default:
            let outcome = try await scene.personalData.erase(
                EraseAccountCommand(caller: caller, proof: .password(secret), client: client))
            if case .refused(let refusal) = outcome { return refusal }
        }
        return nil
    }

    @Test("all that ask for it have one count: from the fifth wrong one on each waits, and nothing is hashed meanwhile")
    func oneCount() async throws {
        try scene.add()
        let caller = try await scene.signedIn().caller
        for number in 1...5 { #expect(try await confirm(number, caller) == .wrong) }
        let hashed = scene.hasher.calls.count
        for number in 1...3 {
            let refusal = try await confirm(number, caller, AccountsScene.password)
            #expect(refusal == .tooManyAttempts(retryAfter: .seconds(1)))
        }
        #expect(scene.hasher.calls.count == hashed)
        scene.clock.advance(by: .seconds(1))
        #expect(try await confirm(1, caller, AccountsScene.password) == nil)
        // What was right forgives what was not.
        for number in 1...5 { #expect(try await confirm(number, caller) == .wrong) }
    }

    @Test("the tenth wrong one in a quarter of an hour ends the session, tells its owner, and nothing else ends")
    func endsSession() async throws {
        let user = try scene.add()
        let (mine, other) = (try await scene.signedIn(), try await scene.signedIn())
        for number in 1...10 {
            #expect(scene.work.store.sessions[mine.session.id]?.revokedAt == nil)
            #expect(try await confirm(number, mine.caller) == .wrong)
            scene.clock.advance(by: .seconds(30))
        }
        let store = scene.work.store
        #expect(store.sessions[mine.session.id]?.revocationReason == .wrongConfirmations)
        #expect(store.sessions[other.session.id]?.revokedAt == nil)
        #expect(store.events(of: SessionEndedByGuessing.self).map(\.userID) == [user.id])
        #expect(store.events(of: SessionEndedByGuessing.self).map(\.sessionID) == [mine.session.id])
        #expect(store.events(of: AccountLocked.self).isEmpty && store.events(of: UserLoginFailed.self).isEmpty)
        #expect(try await scene.authenticate(accessToken: mine.accessToken.text.reveal()) == nil)
        #expect(try await scene.signIn().signedIn != nil)
        // The other session has a count of its own.
        #expect(try await confirm(1, other.caller, AccountsScene.password) == nil)
    }

    @Test("wrong ones count for the network, which is not asked: whoever is signed in is not locked out by neighbours")
    func network() async throws {
        try scene.add()
        let caller = try await scene.signedIn().caller
        let key = "network:\(AccountsScene.client.address.limitPrefix)"
        let now = scene.clock.now
        scene.work.arrange {
            $0.signInFailures[key] = SignInFailures(key: key, windowStart: now, count: 99, lastFailure: now)
        }
        #expect(try await confirm(1, caller) == .wrong)
        #expect(scene.work.store.signInFailures[key]?.lockedUntil != nil)
        #expect(try await scene.signIn().delay != nil)
        #expect(try await confirm(1, caller, AccountsScene.password) == nil)
        #expect(scene.work.store.signInFailures[key]?.count == 100)
        #expect(scene.work.store.signInFailures[key]?.pending == 0)
    }

    @Test("a hash that a sign-in renewed meanwhile does not make the right password wrong")
    func renewedMeanwhile() async throws {
        let scene = scene
        let user = try scene.add { $0.passwordHash = PasswordHasherDouble.oldHash(of: AccountsScene.password) }
        let caller = SessionCaller(userID: user.id, sessionID: scene.arrangeSession(of: user).id)
        scene.hasher.meanwhile { _ = try await scene.signedIn() }
        #expect(try await confirm(1, caller, AccountsScene.password) == nil)
    }
}
