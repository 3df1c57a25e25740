import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("The second step of a sign-in is asked for")
struct SecondStepTests {
    let scene = AccountsScene()

    @Test("whoever has a factor gets no session by the password")
    func passwordAlone() async throws {
        let user = try scene.add()
        scene.addFactor(of: user)
        let demand = try #require(try await scene.signIn().demand)
        #expect(demand.methods == [.totp])
        #expect(demand.lifetime == .seconds(300))
        #expect(scene.work.store.sessions.isEmpty)
        #expect(scene.work.store.refreshTokens.isEmpty)
        #expect(!scene.work.store.eventTypes.contains("user.logged_in"))
        let id = try #require(scene.tokens.read(challengeToken: demand.token))
        let challenge = try #require(scene.work.store.mfaChallenges[id])
        #expect(challenge.userID == user.id && challenge.proof.methods == [.password])
        #expect(challenge.isOpen(at: scene.clock.now))
    }

    @Test("a factor that was not confirmed is none")
    func pendingFactor() async throws {
        scene.addFactor(of: try scene.add(), isConfirmed: false)
        #expect(try await scene.signIn().signedIn != nil)
    }

    @Test("a passkey is asked for if the owner says so, and recovery codes are named while there are some")
    func passkeyAsked() async throws {
        let user = try scene.add { $0.asksForPasskey = true }
        #expect(try await scene.signIn().demand?.methods == [.passkey])
        scene.addFactor(of: user)
        scene.work.arrange { store in
            store.recoveryCodes = [
                RecoveryCode(
                    id: scene.identifiers.next(), userID: user.id, batch: scene.identifiers.next(), hash: [1],
                    createdAt: scene.clock.now)
            ]
        }
        #expect(try await scene.signIn().demand?.methods == [.totp, .passkey, .recoveryCode])
    }

    @Test("neither a mailed code nor a link opens a session where a factor is due")
    func mails() async throws {
        let user = try scene.add()
        scene.addFactor(of: user)
        let email = user.email
        try await scene.signInWithMail.request(email: email)
        let code = try #require(scene.work.store.signInCodes.values.first)
        let byCode = try await scene.signInWithMail(
            SignInWithCodeCommand(
                email: email, code: Secret(scene.signer.digits(of: code)), client: AccountsScene.client))
        #expect(byCode.demand?.methods == [.totp])
        let link = scene.addLink(for: user, purpose: .magicLink)
        let byLink = try await scene.signInWithMail(link: link.text, client: AccountsScene.client)
        guard case .secondFactorNeeded = byLink else {
            Issue.record("the link opened \(byLink)")
            return
        }
        #expect(scene.work.store.sessions.isEmpty)
    }

    @Test("a wrong password does not tell that there is a factor")
    func wrongPassword() async throws {
        scene.addFactor(of: try scene.add())
        #expect(try await scene.signIn(password: "battery staple").isInvalidCredentials)
        #expect(scene.work.store.mfaChallenges.isEmpty)
    }

    @Test("the first proof of an address removes the factors that were made before it")
    func firstProof() async throws {
        let user = try scene.add(isVerified: false)
        scene.addFactor(of: user)
        let link = scene.addLink(for: user, purpose: .magicLink)
        guard case .signedIn = try await scene.signInWithMail(link: link.text, client: AccountsScene.client) else {
            Issue.record("the owner of the address is asked for somebody else's factor")
            return
        }
        #expect(scene.work.store.totpFactors.isEmpty)
    }

    @Test("a reset of the password removes no factor and ends half-done sign-ins")
    func passwordReset() async throws {
        let user = try scene.add()
        scene.addFactor(of: user)
        let demand = try #require(try await scene.signIn().demand)
        let link = scene.addLink(for: user, purpose: .reset)
        let password = try Password(normalized: "another horse", for: nil)
        _ = try await scene.resetPassword(link.text, password: password, client: AccountsScene.client)
        #expect(scene.work.store.totpFactors.count == 1)
        #expect(scene.work.store.sessions.isEmpty)
        let id = try #require(scene.tokens.read(challengeToken: demand.token))
        #expect(scene.work.store.mfaChallenges[id]?.isOpen(at: scene.clock.now) == false)
        #expect(try await scene.signIn(password: "another horse").demand != nil)
    }
}

extension SignInOutcome {
    var demand: SecondFactorDemand? {
        if case .secondFactorNeeded(let demand) = self { demand } else { nil }
    }
}

extension AccountsScene {
    /// Stores a factor of the user, whose secret is its name.
    @discardableResult
    func addFactor(of user: User, isConfirmed: Bool = true) -> TOTPFactor {
        let factor = TOTPFactor(
            id: identifiers.next(), userID: user.id, name: "Phone", sealedSecret: Array("Phone".utf8),
            createdAt: clock.now, confirmedAt: isConfirmed ? clock.now : nil)
        work.arrange { $0.totpFactors[factor.id] = factor }
        return factor
    }
}
