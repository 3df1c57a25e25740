import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("The second step of a sign-in is done")
struct SecondStepServiceTests {
    let scene = AccountsScene()

    private func token(_ client: ClientInfo = AccountsScene.client) async throws -> Secret<String> {
        let command = SignInCommand(
            email: try #require(EmailAddress("ana@example.com")), password: Secret(AccountsScene.password),
            client: client)
        return try #require(try await scene.signIn(command).demand).token
    }

    private func finish(
        _ token: Secret<String>, _ code: String, method: SecondFactorMethod = .totp,
        client: ClientInfo = AccountsScene.client
    ) async throws -> SecondStepOutcome {
        let proof = try #require(SecondFactorProof(method, text: code))
        return try await scene.secondStep(SecondStepCommand(token: token, proof: proof, client: client))
    }

    @Test("a code of the app opens a session of two factors, and counts once")
    func totp() async throws {
        let factor = scene.addFactor(of: try scene.add())
        let code = scene.code(of: factor)
        guard case .signedIn(let signedIn, _) = try await finish(try await token(), code) else {
            Issue.record("the right code was refused")
            return
        }
        #expect(signedIn.session.proof.methods == [.password, .oneTimePassword, .multipleFactors])
        #expect(signedIn.session.proof.level == .aal2)
        #expect(scene.work.store.eventTypes.contains("user.logged_in"))
        #expect(try await finish(try await token(), code).isWrong)
    }

    @Test("codes of the steps before and after are taken, others not, and none older than one that was taken")
    func steps() async throws {
        let factor = scene.addFactor(of: try scene.add())
        for offset in [-2, 2] as [Int64] {
            #expect(try await finish(try await token(), scene.code(of: factor, offset)).isWrong)
        }
        #expect(try await finish(try await token(), scene.code(of: factor, 1)).signedIn != nil)
        for offset in [1, 0, -1] as [Int64] {
            #expect(try await finish(try await token(), scene.code(of: factor, offset)).isWrong)
        }
    }

    @Test("a code that was taken is not taken again when the clock goes back")
    func clockGoesBack() async throws {
        let factor = scene.addFactor(of: try scene.add())
        let code = scene.code(of: factor)
        #expect(try await finish(try await token(), code).signedIn != nil)
        scene.clock.set(to: scene.clock.now - .seconds(30))
        #expect(try await finish(try await token(), code).isWrong)
    }

    @Test("a sign-in has five minutes, five tries and one use, and belongs to the device that began it")
    func limits() async throws {
        let factor = scene.addFactor(of: try scene.add())
        let late = try await token()
        scene.clock.advance(by: MFAChallenge.lifetime)
        #expect(try await finish(late, scene.code(of: factor)).isOver)
        let used = try await token()
        #expect(try await finish(used, scene.code(of: factor)).signedIn != nil)
        scene.clock.advance(by: .seconds(60))
        #expect(try await finish(used, scene.code(of: factor)).isOver)
        let stolen = try await token()
        let other = ClientInfo(address: AccountsScene.client.address, userAgent: "Other/1")
        #expect(try await finish(stolen, scene.code(of: factor), client: other).isOver)
        let known = ClientInfo(
            address: AccountsScene.client.address, userAgent: "Test/1", knownDevice: scene.identifiers.next())
        let ofDevice = try await token(known)
        #expect(try await finish(ofDevice, scene.code(of: factor)).isOver)
        #expect(try await finish(ofDevice, scene.code(of: factor), client: known).signedIn != nil)
        #expect(try await finish(Secret("nonsense"), scene.code(of: factor)).isOver)
    }

    @Test(
        "five wrong codes over several sign-ins lock the second step for a quarter of an hour, and the first stays open"
    )
    func lock() async throws {
        let factor = scene.addFactor(of: try scene.add())
        for _ in 0..<5 { #expect(try await finish(try await token(), scene.wrongCode(of: factor)).isWrong) }
        #expect(scene.work.store.eventTypes.count { $0 == "mfa.locked" } == 1)
        #expect(try await finish(try await token(), scene.code(of: factor)).delay == .seconds(900))
        scene.clock.advance(by: .seconds(899))
        #expect(try await finish(try await token(), scene.code(of: factor)).delay == .seconds(1))
        scene.clock.advance(by: .seconds(1))
        #expect(try await finish(try await token(), scene.code(of: factor)).signedIn != nil)
    }

    @Test("a recovery code opens one session, and its owner hears how many are left")
    func recoveryCode() async throws {
        let user = try scene.add()
        scene.addFactor(of: user)
        let codes = try await scene.newRecoveryCodes(of: user)
        #expect(codes.count == 10)
        let typed = codes[0].reveal().lowercased()
        guard case .signedIn(let signedIn, _) = try await finish(try await token(), typed, method: .recoveryCode) else {
            Issue.record("the code was refused")
            return
        }
        #expect(signedIn.session.proof.methods == [.password, .recoveryCode, .multipleFactors])
        #expect(try await finish(try await token(), typed, method: .recoveryCode).isWrong)
        #expect(scene.work.store.events.compactMap { $0 as? RecoveryCodeUsed }.map(\.left) == [9])
        _ = try await scene.newRecoveryCodes(of: user)
        #expect(try await finish(try await token(), codes[1].reveal(), method: .recoveryCode).isWrong)
    }

    @Test(
        "what people type is read as they mean it, and what cannot be a code is none",
        arguments: [
            ("123456", true), (" 12 34-56 ", true), ("12345", false), ("1234567", false), ("12345a", false),
            ("١٢٣٤٥٦", false), ("１２３４５６", false), ("", false),
        ])
    func digits(_ text: String, _ isCode: Bool) {
        #expect((SecondFactorProof(.totp, text: text) != nil) == isCode)
    }

    @Test("letters that look like digits are read as these in recovery codes")
    func misreadLetters() throws {
        guard case .recoveryCode(let code)? = SecondFactorProof(.recoveryCode, text: "oOiI-lL01 abcd-EFGH") else {
            Issue.record("the code was not read")
            return
        }
        #expect(code.reveal() == "001111" + "01" + "ABCDEFGH")
        #expect(SecondFactorProof(.recoveryCode, text: "ABCD-EFGH-JKMN-PQRU") == nil)
        #expect(SecondFactorProof(.recoveryCode, text: "ABCD-EFGH-JKMN-PQR") == nil)
        #expect(SecondFactorProof(.passkey, text: "123456") == nil)
    }

    @Test("a step-up by the app gives the session its second factor, once for each code")
    func stepUp() async throws {
        let user = try scene.add()
        let signedIn = try await scene.signedIn()
        let factor = scene.addFactor(of: user)
        let caller = SessionCaller(userID: user.id, sessionID: signedIn.session.id)
        let proof = try #require(SecondFactorProof(.totp, text: scene.code(of: factor)))
        let command = StepUpSessionCommand(
            caller: caller, proof: .secondFactor(proof), client: AccountsScene.client)
        guard case .steppedUp(_, let session, _) = try await scene.stepUpSession(command) else {
            Issue.record("the right code was refused")
            return
        }
        #expect(session.proof.level == .aal2)
        #expect(try await scene.stepUp.demand(of: caller) == nil)
        guard case .wrongSecondFactor = try await scene.stepUpSession(command) else {
            Issue.record("the code counted twice")
            return
        }
    }
}

extension SecondStepOutcome {
    var signedIn: SignedIn? { if case .signedIn(let signedIn, _) = self { signedIn } else { nil } }
    var isOver: Bool { if case .over = self { true } else { false } }
    var isWrong: Bool { if case .refused(.invalidCredentials) = self { true } else { false } }
    var delay: Duration? { if case .refused(.tooManyAttempts(let delay)) = self { delay } else { nil } }
}
