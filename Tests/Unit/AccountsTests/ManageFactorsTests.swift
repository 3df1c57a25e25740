import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("People manage their second factors")
struct ManageFactorsTests {
    let scene = AccountsScene()

    private func signIn() async throws -> SessionCaller {
        let signedIn = try await scene.signedIn()
        return SessionCaller(userID: signedIn.account.user.id, sessionID: signedIn.session.id)
    }

    private func add(_ caller: SessionCaller, name: String = "Phone") async throws -> TOTPFactor {
        guard case .waiting(let factor, _) = try await scene.factors.add(name: name, caller) else {
            throw InternalFailure("no factor was made")
        }
        return factor
    }

    private func confirm(
        _ factor: TOTPFactor, _ caller: SessionCaller, _ code: String
    ) async throws
        -> ConfirmFactorOutcome
    {
        let proof = try #require(SecondFactorProof(.totp, text: code))
        return try await scene.factors.confirm(
            ConfirmFactorCommand(id: factor.id, proof: proof, caller: caller, client: AccountsScene.client))
    }

    @Test("the first code turns a factor on, ends the other sessions, gives recovery codes, and counts no more")
    func enrolment() async throws {
        try scene.add()
        let other = try await signIn()
        let caller = try await signIn()
        let factor = try await add(caller)
        #expect(try await scene.signIn().signedIn != nil)
        let code = scene.code(of: factor)
        guard case .confirmed(let confirmed, let codes) = try await confirm(factor, caller, code) else {
            Issue.record("the first code was refused")
            return
        }
        #expect(confirmed.isConfirmed && codes.count == 10)
        #expect(Set(codes.map { $0.reveal() }).count == 10)
        #expect(scene.work.store.sessions[other.sessionID]?.revocationReason == .mfaEnabled)
        #expect(scene.work.store.sessions[caller.sessionID]?.proof.level == .aal2)
        #expect(scene.work.store.eventTypes.contains("mfa.enabled"))
        let token = try #require(try await scene.signIn().demand).token
        let proof = try #require(SecondFactorProof(.totp, text: code))
        let command = SecondStepCommand(token: token, proof: proof, client: AccountsScene.client)
        #expect(try await scene.secondStep(command).isWrong)
    }

    @Test("a second app gives no second set of codes, and each app has its own")
    func secondApp() async throws {
        try scene.add()
        let caller = try await signIn()
        let first = try await add(caller)
        _ = try await confirm(first, caller, scene.code(of: first))
        let second = try await add(caller, name: "Tablet")
        guard case .confirmed(_, let codes) = try await confirm(second, caller, scene.code(of: second)) else {
            Issue.record("the second app was refused")
            return
        }
        #expect(codes.isEmpty)
        let overview = try #require(try await scene.factors.overview(of: caller.userID))
        #expect(overview.factors.map(\.name) == ["Phone", "Tablet"])
        #expect(overview.recoveryCodesLeft == 10)
    }

    @Test("a wrong code, one too late and somebody else's factor turn nothing on")
    func refusals() async throws {
        try scene.add()
        try scene.add("bea@example.com")
        let caller = try await signIn()
        let factor = try await add(caller)
        guard case .wrong = try await confirm(factor, caller, scene.wrongCode(of: factor)) else {
            Issue.record("a wrong code was taken")
            return
        }
        let bea = try #require(try await scene.signIn("bea@example.com").signedIn)
        let stranger = SessionCaller(userID: bea.account.user.id, sessionID: bea.session.id)
        guard case .unknown = try await confirm(factor, stranger, scene.code(of: factor)) else {
            Issue.record("somebody else's factor was found")
            return
        }
        scene.clock.advance(by: TOTPFactor.pendingLifetime)
        guard case .unknown = try await confirm(factor, caller, scene.code(of: factor)) else {
            Issue.record("a factor waited too long")
            return
        }
        #expect(scene.work.store.totpFactors.values.allSatisfy { !$0.isConfirmed })
    }

    @Test("five apps are the most, and those that waited too long make room")
    func fiveApps() async throws {
        try scene.add()
        let caller = try await signIn()
        for _ in 0..<TOTPFactor.countMax { _ = try await add(caller) }
        guard case .tooMany = try await scene.factors.add(name: "Sixth", caller) else {
            Issue.record("there are six")
            return
        }
        scene.clock.advance(by: TOTPFactor.pendingLifetime)
        _ = try await add(caller)
        #expect(scene.work.store.totpFactors.count == 1)
    }

    @Test("with the last factor the recovery codes go; who must have one keeps it")
    func removal() async throws {
        try scene.add()
        let caller = try await signIn()
        let factor = try await add(caller)
        _ = try await confirm(factor, caller, scene.code(of: factor))
        func remove(isRequired: Bool) async throws -> RemoveFactorOutcome {
            try await scene.factors.remove(factor.id, caller, isRequired: isRequired, client: AccountsScene.client)
        }
        #expect(try await remove(isRequired: true) == .requiredByPolicy)
        let waiting = try await add(caller, name: "Waiting")
        #expect(try await remove(isRequired: true) == .requiredByPolicy)
        #expect(
            try await scene.factors.remove(waiting.id, caller, isRequired: true, client: AccountsScene.client)
                == .removed)
        #expect(try await remove(isRequired: false) == .removed)
        #expect(try await remove(isRequired: false) == .unknown)
        #expect(scene.work.store.recoveryCodes.isEmpty)
        #expect(scene.work.store.eventTypes.contains("mfa.disabled"))
        guard case .noFactor = try await scene.factors.makeRecoveryCodes(caller, client: AccountsScene.client) else {
            Issue.record("codes were made that take the place of nothing")
            return
        }
        #expect(try await scene.signIn().signedIn != nil)
    }
}

extension AccountsScene {
    var factors: ManageFactorsService {
        ManageFactorsService(
            work: work, oneTimePasswords: OneTimePasswordsDouble(), recoveryCodes: recoveryCodes, clock: clock,
            identifiers: identifiers)
    }

    var secondStep: SecondStepService {
        SecondStepService(
            work: work, oneTimePasswords: OneTimePasswordsDouble(), recoveryCodes: recoveryCodes, tokens: tokens,
            opener: opener, clock: clock)
    }

    /// The code that an app shows.
    ///
    /// - Parameter offset: in steps from now.
    func code(of factor: TOTPFactor, _ offset: Int64 = 0) -> String {
        OneTimePasswordsDouble.code(clock.now.seconds / TOTPFactor.stepSeconds + offset, of: factor)
    }

    func wrongCode(of factor: TOTPFactor) -> String { code(of: factor, 1_000) }

    func newRecoveryCodes(of user: User) async throws -> [Secret<String>] {
        let caller = SessionCaller(userID: user.id, sessionID: identifiers.next())
        guard case .made(let codes) = try await factors.makeRecoveryCodes(caller, client: Self.client) else {
            return []
        }
        return codes
    }
}
