import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Passkeys")
struct PasskeyTests {
    private let scene = AccountsScene()
    private static let browser: [UInt8] = [8]
    /// Of a passkey that stays on its device, and of one that is shared.
    private static let (bound, synced): ([UInt8], [UInt8]) = ([0, 7], [1, 7])
    private static let credential = [UInt8](repeating: 3, count: 16)

    private var add: AddPasskeyService {
        AddPasskeyService(
            work: scene.work, verifier: PasskeyVerifierDouble(), clock: scene.clock, random: SystemRandomSource())
    }

    private var signIn: SignInWithPasskeyService {
        SignInWithPasskeyService(
            work: scene.work, verifier: PasskeyVerifierDouble(), opener: scene.opener, clock: scene.clock,
            random: SystemRandomSource())
    }

    private var manage: ManagePasskeysService { ManagePasskeysService(work: scene.work, clock: scene.clock) }

    private func creation(_ caller: SessionCaller) async throws -> PasskeyCreationOptions {
        guard case .options(let options) = try await add.options(caller, browser: Self.browser) else {
            throw InternalFailure("no options")
        }
        return options
    }

    private func register(
        _ caller: SessionCaller, challenge: [UInt8], key: [UInt8] = bound, credential: [UInt8] = credential,
        id: PasskeyID? = nil, name: String? = nil, browser: [UInt8]? = browser
    ) async throws -> AddPasskeyOutcome {
        let registration = PasskeyRegistration(
            type: "public-key", id: credential, rawID: credential, clientData: challenge, attestationObject: key,
            transports: ["internal"])
        return try await add(
            AddPasskeyCommand(
                id: id ?? scene.identifiers.next(), caller: caller, name: name, registration: registration,
                browser: browser, client: AccountsScene.client))
    }

    @discardableResult
    private func added(
        _ caller: SessionCaller, key: [UInt8] = bound, credential: [UInt8] = credential
    ) async throws -> Passkey {
        let options = try await creation(caller)
        let outcome = try await register(caller, challenge: options.challenge, key: key, credential: credential)
        guard case .added(let passkey) = outcome else { throw InternalFailure("\(outcome)") }
        return passkey
    }

    private func answer(
        challenge: [UInt8]? = nil, count: UInt8 = 0, signature: [UInt8] = bound, handle: [UInt8]? = nil,
        credential: [UInt8] = credential, browser: [UInt8]? = browser
    ) async throws -> SignInWithPasskeyOutcome {
        var challenge = challenge
        if challenge == nil { challenge = try await signIn.options(browser: Self.browser).challenge }
        let stored = scene.work.store.passkeyHandles.values.first
        let assertion = PasskeyAssertion(
            type: "public-key", id: credential, rawID: credential, clientData: challenge ?? [],
            authenticatorData: [count], signature: signature, userHandle: handle ?? stored)
        return try await signIn(
            SignInWithPasskeyCommand(assertion: assertion, browser: browser, client: AccountsScene.client))
    }

    private func person() async throws -> SessionCaller {
        try scene.add()
        return try await scene.signedIn().caller
    }

    @Test("options name the user by nothing that says who it is, and each passkey that is there")
    func options() async throws {
        let caller = try await person()
        let first = try await creation(caller)
        #expect(first.challenge.count == 32)
        #expect(first.userHandle.count == 32)
        #expect(first.excluded == [])
        #expect(first.userName == "ana@example.com")
        try await added(caller)
        let second = try await creation(caller)
        #expect(second.userHandle == first.userHandle)
        #expect(second.challenge != first.challenge)
        #expect(second.excluded.map(\.credentialID) == [Self.credential])
        #expect(second.excluded.map(\.transports) == [["internal"]])
        #expect(try await signIn.options(browser: Self.browser).allowed == [])
    }

    @Test("a passkey is added once, with an event and an audit line; the same request again gets it again")
    func adds() async throws {
        let caller = try await person()
        let options = try await creation(caller)
        let id: PasskeyID = scene.identifiers.next()
        let outcome = try await register(caller, challenge: options.challenge, id: id)
        guard case .added(let passkey) = outcome else { throw InternalFailure("\(outcome)") }
        #expect(passkey.name == "Passkey 1")
        #expect(passkey.relyingPartyID == "id.example.com")
        #expect(scene.work.store.events(of: PasskeyAdded.self).map(\.passkeyID) == [id])
        #expect(scene.work.store.auditLines.last == "done passkey.added")
        #expect(try await register(caller, challenge: options.challenge, id: id) == .added(passkey))
        #expect(scene.work.store.events(of: PasskeyAdded.self).count == 1)
    }

    @Test("a challenge is good once, in five minutes, in the browser and the session that asked")
    func challenges() async throws {
        let caller = try await person()
        let used = try await creation(caller).challenge
        #expect(try await register(caller, challenge: used, key: []) == .invalid)
        #expect(scene.work.store.auditLines.last == "refused passkey.add attestation_object")
        #expect(try await register(caller, challenge: used) == .invalid)
        #expect(scene.work.store.auditLines.last == "refused passkey.add challenge")
        for browser in [nil, [9]] as [[UInt8]?] {
            let challenge = try await creation(caller).challenge
            #expect(try await register(caller, challenge: challenge, browser: browser) == .invalid)
        }
        let other = try await scene.signedIn().caller
        let foreign = try await creation(caller).challenge
        #expect(try await register(other, challenge: foreign) == .invalid)
        let signInChallenge = try await signIn.options(browser: Self.browser).challenge
        #expect(try await register(caller, challenge: signInChallenge) == .invalid)
        #expect(try await register(caller, challenge: [1, 2, 3]) == .invalid)
        let late = try await creation(caller).challenge
        scene.clock.advance(by: PasskeyChallenge.lifetime)
        #expect(try await register(caller, challenge: late) == .invalid)
        #expect(scene.work.store.passkeys.isEmpty)
    }

    @Test("who has signed out meanwhile adds nothing")
    func signedOut() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        let challenge = try await creation(signedIn.caller).challenge
        try await scene.end(signedIn)
        #expect(try await register(signedIn.caller, challenge: challenge) == .signedOut)
        guard case .signedOut = try await add.options(signedIn.caller, browser: Self.browser) else {
            throw InternalFailure("options for nobody")
        }
    }

    @Test("a credential that somebody has is not added again, and there are at most twenty")
    func limits() async throws {
        let caller = try await person()
        try await added(caller)
        let again = try await creation(caller).challenge
        #expect(try await register(caller, challenge: again) == .exists)
        var last: [UInt8] = []
        for number in 1...19 as ClosedRange<UInt8> {
            if number == 19 { last = try await creation(caller).challenge }
            try await added(caller, credential: [UInt8](repeating: 100 + number, count: 16))
        }
        guard case .tooMany = try await add.options(caller, browser: Self.browser) else {
            throw InternalFailure("options for one more")
        }
        #expect(try await register(caller, challenge: last, credential: [1]) == .tooMany)
    }

    @Test(
        "a passkey opens a session of two factors, as one that stays on its device or one that is shared",
        arguments: [(bound, "hwk user"), (synced, "swk user")])
    func signsIn(key: [UInt8], methods: String) async throws {
        let caller = try await person()
        let passkey = try await added(caller, key: key)
        scene.clock.advance(by: .seconds(60))
        let signedIn = try await answer(count: 1, signature: key).signedIn
        let session = try #require(signedIn).session
        #expect(session.proof.methodsText == methods)
        #expect(session.proof.level == .aal2)
        #expect(session.proof.at == scene.clock.now)
        let stored = try #require(scene.work.store.passkeys[passkey.id])
        #expect(stored.signCount == 1)
        #expect(stored.lastUsed == scene.clock.now)
        #expect(stored.isBackedUp == (key == Self.synced))
    }

    @Test("an answer that is wrong in any way opens nothing, and uses its challenge up")
    func refused() async throws {
        let caller = try await person()
        try await added(caller)
        let challenge = try await signIn.options(browser: Self.browser).challenge
        #expect(try await answer(challenge: challenge, signature: [9]).refusal == .invalidCredentials)
        #expect(scene.work.store.auditLines.last == "refused session.open passkey_signature")
        #expect(try await answer(challenge: challenge).refusal == .invalidCredentials)
        #expect(try await answer(challenge: [1, 2]).refusal == .invalidCredentials)
        #expect(try await answer(challenge: []).refusal == .invalidCredentials)
        for handle in [[], [1]] as [[UInt8]] {
            #expect(try await answer(handle: handle).refusal == .invalidCredentials)
            #expect(scene.work.store.auditLines.last == "refused session.open passkey_user_handle")
        }
        for browser in [nil, [9]] as [[UInt8]?] {
            #expect(try await answer(browser: browser).refusal == .invalidCredentials)
        }
        let other = try await creation(caller).challenge
        #expect(try await answer(challenge: other).refusal == .invalidCredentials)
        let late = try await signIn.options(browser: Self.browser).challenge
        scene.clock.advance(by: PasskeyChallenge.lifetime)
        #expect(try await answer(challenge: late).refusal == .invalidCredentials)
        #expect(try await answer().signedIn != nil)
    }

    @Test("a credential that nobody has is told, but only to who answers a challenge")
    func unknown() async throws {
        let caller = try await person()
        let passkey = try await added(caller)
        #expect(try await answer(challenge: [1], credential: [1]).refusal == .invalidCredentials)
        #expect(try await answer(credential: [1]).isUnknown)
        _ = try await manage.remove(passkey.id, caller, client: AccountsScene.client)
        #expect(try await answer().isUnknown)
    }

    @Test("an account that may not sign in may not by passkey either")
    func obstacle() async throws {
        let caller = try await person()
        try await added(caller)
        scene.work.arrange {
            $0.accounts[caller.userID]?.user.setBlock(UserBlock(reason: "spam", until: nil), at: Timestamp(seconds: 0))
        }
        #expect(try await answer().refusal == .obstructed(.blocked(until: nil)))
    }

    @Test("a passkey that does not count stays at 0 and signs in again and again")
    func uncounted() async throws {
        let caller = try await person()
        try await added(caller)
        for _ in 1...3 { #expect(try await answer(count: 0).signedIn != nil) }
        #expect(scene.work.store.events(of: PasskeyCounterRegressed.self).isEmpty)
    }

    @Test("a count that is not higher suspends a passkey that has no copies", arguments: [0, 4, 5] as [UInt8])
    func suspends(count: UInt8) async throws {
        let caller = try await person()
        let passkey = try await added(caller)
        #expect(try await answer(count: 5).signedIn != nil)
        #expect(try await answer(count: count).refusal == .invalidCredentials)
        let store = scene.work.store
        #expect(store.passkeys[passkey.id]?.suspendedAt == scene.clock.now)
        #expect(store.passkeys[passkey.id]?.signCount == 5)
        #expect(store.events(of: PasskeyCounterRegressed.self).map(\.isSuspended) == [true])
        #expect(store.auditLines.contains("done passkey.suspended"))
        #expect(try await answer(count: 9).refusal == .invalidCredentials)
        #expect(scene.work.store.auditLines.last == "refused session.open passkey_suspended")
    }

    @Test(
        "a count that is not higher is written down for a shared passkey, which signs in", arguments: [0, 5] as [UInt8])
    func regresses(count: UInt8) async throws {
        let caller = try await person()
        let passkey = try await added(caller, key: Self.synced)
        #expect(try await answer(count: 5, signature: Self.synced).signedIn != nil)
        #expect(try await answer(count: count, signature: Self.synced).signedIn != nil)
        let store = scene.work.store
        #expect(store.passkeys[passkey.id]?.suspendedAt == nil)
        #expect(store.passkeys[passkey.id]?.signCount == 5)
        #expect(store.events(of: PasskeyCounterRegressed.self).map(\.isSuspended) == [false])
        #expect(store.auditLines.contains("done passkey.counter_regressed"))
    }

    @Test("one answer, sent many times at once, opens one session")
    func once() async throws {
        let caller = try await person()
        try await added(caller)
        let challenge = try await signIn.options(browser: Self.browser).challenge
        let opened = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask { try await answer(challenge: challenge, count: 1).signedIn != nil }
            }
            var opened = 0
            for try await isOpened in group where isOpened { opened += 1 }
            return opened
        }
        #expect(opened == 1)
        #expect(scene.work.store.events(of: PasskeyCounterRegressed.self).isEmpty)
    }

    @Test("a passkey is renamed and removed by its owner alone")
    func manages() async throws {
        let caller = try await person()
        let passkey = try await added(caller)
        try scene.add("other@example.com")
        let other = try #require(try await scene.signIn("other@example.com").signedIn).caller
        #expect(try await manage.rename(passkey.id, to: "Mine", other) == nil)
        #expect(try await manage.remove(passkey.id, other, client: AccountsScene.client) == .unknown)
        #expect(try await manage.rename(passkey.id, to: "Phone", caller)?.name == "Phone")
        #expect(try await manage.list(caller).map(\.name) == ["Phone"])
        #expect(try await manage.list(other) == [])
        #expect(try await manage.remove(passkey.id, caller, client: AccountsScene.client) == .removed)
        #expect(try await manage.remove(passkey.id, caller, client: AccountsScene.client) == .unknown)
        #expect(scene.work.store.events(of: PasskeyRemoved.self).map(\.passkeyID) == [passkey.id])
        #expect(scene.work.store.auditLines.last == "done passkey.removed")
    }

    @Test("the last way to sign in stays: no proved address, no password, no other passkey that works")
    func lastMethod() async throws {
        let caller = try await person()
        let passkey = try await added(caller)
        scene.work.arrange { store in
            store.accounts[caller.userID]?.user.isVerified = false
            store.accounts[caller.userID]?.user.passwordHash = nil
        }
        #expect(try await manage.remove(passkey.id, caller, client: AccountsScene.client) == .lastSignInMethod)
        let second = try await added(caller, credential: [UInt8](repeating: 4, count: 16))
        scene.work.arrange { $0.passkeys[second.id]?.suspendedAt = Timestamp(seconds: 1) }
        #expect(try await manage.remove(passkey.id, caller, client: AccountsScene.client) == .lastSignInMethod)
        scene.work.arrange { $0.passkeys[second.id]?.suspendedAt = nil }
        #expect(try await manage.remove(passkey.id, caller, client: AccountsScene.client) == .removed)
    }

    @Test("who has no passkey any more is not asked for one after the password")
    func secondStep() async throws {
        let caller = try await person()
        let passkeys = [
            try await added(caller), try await added(caller, credential: [UInt8](repeating: 4, count: 16)),
        ]
        scene.work.arrange { $0.accounts[caller.userID]?.user.asksForPasskey = true }
        _ = try await manage.remove(passkeys[0].id, caller, client: AccountsScene.client)
        #expect(scene.work.store.accounts[caller.userID]?.user.asksForPasskey == true)
        #expect(try await scene.signIn().signedIn == nil)
        #expect(try await answer(credential: passkeys[1].credentialID).signedIn != nil)
        _ = try await manage.remove(passkeys[1].id, caller, client: AccountsScene.client)
        #expect(try await scene.signIn().signedIn != nil)
    }

    @Test("the first proof of an address removes passkeys that were there before it")
    func firstProof() async throws {
        let caller = try await person()
        try await added(caller)
        scene.work.arrange { $0.accounts[caller.userID]?.user.isVerified = false }
        let user = try #require(scene.work.store.accounts[caller.userID]?.user)
        let link = scene.addLink(for: user, purpose: .magicLink)
        _ = try await scene.signInWithMail(link: link.text, client: AccountsScene.client)
        #expect(scene.work.store.passkeys.isEmpty)
        #expect(scene.work.store.events(of: PasskeyRemoved.self).count == 1)
    }

    @Test("who becomes an administrator by a link has no passkeys of before")
    func administrator() async throws {
        let caller = try await person()
        try await added(caller)
        let link = try await scene.appoint.invite(email: EmailAddress("ana@example.com"))
        _ = try await scene.appoint.accept(try scene.acceptance(link))
        #expect(scene.work.store.passkeys.isEmpty)
    }

    @Test("an undone change of address removes passkeys that were added since, and leaves those of before")
    func undoneChange() async throws {
        let caller = try await person()
        let mine = try await added(caller)
        scene.clock.advance(by: .seconds(60))
        let user = try #require(scene.work.store.accounts[caller.userID]?.user)
        let undo = scene.addLink(for: user, purpose: .emailUndo, address: user.email)
        try await added(caller, credential: [UInt8](repeating: 4, count: 16))
        _ = try await scene.manageAccount.undoEmailChange(undo.text, client: AccountsScene.client)
        #expect(Array(scene.work.store.passkeys.keys) == [mine.id])
    }

    @Test("the export of a person's data has the passkeys")
    func export() async throws {
        let caller = try await person()
        let passkey = try await added(caller)
        #expect(try await scene.personalData.export(caller)?.passkeys == [passkey])
    }
}

extension SignInWithPasskeyOutcome {
    fileprivate var signedIn: SignedIn? { if case .ended(let outcome) = self { outcome.signedIn } else { nil } }
    fileprivate var refusal: SignInRefusal? { if case .ended(let outcome) = self { outcome.refusal } else { nil } }
    fileprivate var isUnknown: Bool { if case .unknown = self { true } else { false } }
}
