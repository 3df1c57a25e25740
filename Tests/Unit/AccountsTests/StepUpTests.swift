import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Step-up")
struct StepUpTests {
    let scene = AccountsScene()

    private func caller(_ signedIn: SignedIn) -> SessionCaller {
        SessionCaller(userID: signedIn.account.user.id, sessionID: signedIn.session.id)
    }

    private func stepUp(_ caller: SessionCaller, _ proof: ConfirmationProof) async throws -> StepUpSessionOutcome {
        try await scene.stepUpSession(
            StepUpSessionCommand(caller: caller, proof: .confirmation(proof), client: AccountsScene.client))
    }

    @Test("a sign-in is fresh for ten minutes, to the millisecond")
    func freshness() async throws {
        try scene.add()
        let caller = caller(try await scene.signedIn())
        scene.clock.advance(by: AccountsScene.stepUpMaxAge)
        #expect(try await scene.stepUp.demand(of: caller) == nil)
        scene.clock.advance(by: .milliseconds(1))
        #expect(
            try await scene.stepUp.demand(of: caller)
                == StepUpDemand(needsSecondFactor: false, maxAge: AccountsScene.stepUpMaxAge))
        #expect(try await scene.stepUp.demand(of: caller, carriesProof: true) == nil)
    }

    @Test("refreshed tokens are no proof")
    func refreshIsNoProof() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        scene.clock.advance(by: .seconds(700))
        guard case .refreshed = try await scene.rotate(signedIn.refreshToken.text, client: AccountsScene.client) else {
            Issue.record("the session was not refreshed")
            return
        }
        #expect(try await scene.stepUp.demand(of: caller(signedIn)) != nil)
    }

    @Test("an account with a factor needs it, fresh or not, and the password in the call is not enough")
    func factor() async throws {
        let user = try scene.add()
        let caller = caller(try await scene.signedIn())
        scene.addFactor(of: user)
        let demand = StepUpDemand(needsSecondFactor: true, maxAge: AccountsScene.stepUpMaxAge)
        #expect(try await scene.stepUp.demand(of: caller) == demand)
        #expect(try await scene.stepUp.demand(of: caller, carriesProof: true) == demand)
        scene.work.arrange { store in
            store.sessions[caller.sessionID]?.proof = SignInProof([.password], at: scene.clock.now)
                .and([.oneTimePassword], at: scene.clock.now)
        }
        #expect(try await scene.stepUp.demand(of: caller) == nil)
        scene.clock.advance(by: AccountsScene.stepUpMaxAge + .milliseconds(1))
        #expect(try await scene.stepUp.demand(of: caller, carriesProof: true) == demand)
    }

    @Test("a proof of a clock that was ahead does not count, nor that of another person's session or of one that ended")
    func strangeSessions() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        let caller = caller(signedIn)
        scene.work.arrange { store in
            store.sessions[caller.sessionID]?.proof = SignInProof([.password], at: scene.clock.now + .seconds(3_600))
        }
        #expect(try await scene.stepUp.demand(of: caller) != nil)
        let other = try scene.add("bea@example.com")
        let mixed = SessionCaller(userID: other.id, sessionID: caller.sessionID)
        #expect(try await scene.stepUp.demand(of: mixed) != nil)
        try await scene.end(signedIn)
        #expect(try await scene.stepUp.demand(of: caller) != nil)
    }

    @Test("the password makes the session's proof fresh, and the access token is a new one")
    func byPassword() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        let caller = caller(signedIn)
        scene.clock.advance(by: .seconds(700))
        guard
            case .steppedUp(_, let session, let token) = try await stepUp(
                caller, .password(Secret(AccountsScene.password)))
        else {
            Issue.record("the right password was refused")
            return
        }
        #expect(session.proof == SignInProof([.password], at: scene.clock.now))
        #expect(scene.work.store.sessions[caller.sessionID]?.proof == session.proof)
        #expect(try await scene.authenticate(accessToken: token.text.reveal()) == caller)
        #expect(try await scene.stepUp.demand(of: caller) == nil)
        #expect(scene.work.store.eventTypes.last == "session.stepped_up")
        #expect(scene.work.store.audit.map(\.action).last == "session.stepped_up")
    }

    @Test("a mailed code does it too")
    func byCode() async throws {
        let user = try scene.add()
        let caller = caller(try await scene.signedIn())
        scene.clock.advance(by: .seconds(700))
        try await scene.signInWithMail.request(email: user.email)
        let code = try #require(scene.work.store.signInCodes.values.first)
        guard
            case .steppedUp(_, let session, _) = try await stepUp(caller, .code(Secret(scene.signer.digits(of: code))))
        else {
            Issue.record("the right code was refused")
            return
        }
        #expect(session.proof.methods == [.email])
    }

    @Test("a wrong password changes nothing, and an account with a factor is told so after the right one only")
    func refusals() async throws {
        let user = try scene.add()
        let caller = caller(try await scene.signedIn())
        let before = scene.work.store.sessions[caller.sessionID]
        scene.addFactor(of: user)
        guard case .refused(.wrong) = try await stepUp(caller, .password(Secret("battery staple"))) else {
            Issue.record("a wrong password was taken")
            return
        }
        guard case .secondFactorNeeded(let demand) = try await stepUp(caller, .password(Secret(AccountsScene.password)))
        else {
            Issue.record("the password was enough")
            return
        }
        #expect(demand.needsSecondFactor)
        #expect(scene.work.store.sessions[caller.sessionID] == before)
    }

    @Test("whoever may write on the platform has to enrol, then to use the factor; where it is not required, neither")
    func administration() async throws {
        let user = try scene.add()
        let caller = caller(try await scene.signedIn())
        let policy = scene.administrationPolicy(isRequired: true)
        #expect(try await policy.obstacle(for: caller) == .enrolmentNeeded)
        scene.addFactor(of: user)
        let demand = StepUpDemand(needsSecondFactor: true, maxAge: AccountsScene.stepUpMaxAge)
        #expect(try await policy.obstacle(for: caller) == .stepUpNeeded(demand))
        #expect(try await scene.administrationPolicy(isRequired: false).obstacle(for: caller) == nil)
        scene.work.arrange { store in
            store.sessions[caller.sessionID]?.proof = SignInProof([.password], at: scene.clock.now)
                .and([.oneTimePassword], at: scene.clock.now)
        }
        // Administration asks for the level and not for its age.
        scene.clock.advance(by: .seconds(86_400))
        #expect(try await policy.obstacle(for: caller) == nil)
    }
}
