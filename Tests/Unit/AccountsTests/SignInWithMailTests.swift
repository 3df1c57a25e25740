import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Signing in by what was mailed")
struct SignInWithMailTests {
    private let scene = AccountsScene()

    @Test("asking for it makes a code and a link that share their identifier, and one mail")
    func requests() async throws {
        let user = try scene.add()
        let code = try await scene.mailedCode()
        let link = try #require(scene.work.store.validations[ValidationID(code.id.value)])
        #expect(code.address == user.email)
        #expect(code.expiresAt == scene.clock.now + .seconds(600))
        #expect(link.purpose == .magicLink)
        #expect(link.address == user.email)
        #expect(link.expiresAt == scene.clock.now + AccountsScene.linkLifetime)
        let requested = scene.work.store.events(of: LoginCodeRequested.self)
        #expect(requested.map(\.loginCodeID) == [code.id])
        #expect(requested.map(\.validationID) == [link.id])
    }

    @Test("nothing is mailed to an unknown or a deactivated account", arguments: [true, false])
    func noMail(_ isKnown: Bool) async throws {
        if isKnown { try scene.add { $0.isActive = false } }
        try await scene.signInWithMail.request(email: try #require(EmailAddress("ana@example.com")))
        #expect(scene.work.store.signInCodes.isEmpty)
        #expect(scene.work.store.events.isEmpty)
    }

    @Test("a new mail goes at most every 60 s and five times an hour")
    func mailLimits() async throws {
        let user = try scene.add()
        for _ in 1...2 { try await scene.signInWithMail.request(email: user.email) }
        scene.clock.advance(by: .milliseconds(59_999))
        try await scene.signInWithMail.request(email: user.email)
        #expect(scene.work.store.events.count == 1)
        scene.clock.advance(by: .milliseconds(1))
        for _ in 1...10 {
            try await scene.signInWithMail.request(email: user.email)
            scene.clock.advance(by: .seconds(60))
        }
        #expect(scene.work.store.events.count == 5)
        scene.clock.advance(by: .seconds(3_600))
        try await scene.signInWithMail.request(email: user.email)
        #expect(scene.work.store.events.count == 6)
    }

    @Test("the right code opens a session, once")
    func codeWorksOnce() async throws {
        let user = try scene.add()
        let code = try await scene.mailedCode()
        let signedIn = try #require(try await scene.signIn(code: scene.signer.digits(of: code)).signedIn)
        #expect(signedIn.account.user.id == user.id)
        #expect(scene.work.store.signInCodes[code.id]?.usedAt == scene.clock.now)
        #expect(try await scene.signIn(code: scene.signer.digits(of: code)).isInvalidCredentials)
        #expect(scene.work.store.sessions.count == 1)
    }

    @Test("a code lives ten minutes")
    func codeExpires() async throws {
        try scene.add()
        let code = try await scene.mailedCode()
        scene.clock.advance(by: .seconds(600))
        #expect(try await scene.signIn(code: scene.signer.digits(of: code)).isInvalidCredentials)
    }

    @Test("only the newest code counts")
    func oneLiveCode() async throws {
        try scene.add()
        let first = try await scene.mailedCode()
        scene.clock.advance(by: .seconds(60))
        let second = try await scene.mailedCode()
        try #require(scene.signer.digits(of: first) != scene.signer.digits(of: second))
        #expect(try await scene.signIn(code: scene.signer.digits(of: first)).isInvalidCredentials)
        #expect(try await scene.signIn(code: scene.signer.digits(of: second)).signedIn != nil)
    }

    @Test("a code takes five guesses")
    func fiveGuesses() async throws {
        try scene.add()
        let code = try await scene.mailedCode()
        for _ in 1...5 { #expect(try await scene.signIn(code: scene.wrongDigits(code)).isInvalidCredentials) }
        scene.clock.advance(by: .seconds(60))
        #expect(try await scene.signIn(code: scene.signer.digits(of: code)).isInvalidCredentials)
        #expect(scene.work.store.signInCodes[code.id]?.attempts == 5)
    }

    @Test("an account takes twenty guesses a day, over all of its codes")
    func twentyGuesses() async throws {
        try scene.add()
        // The owner's device is slowed down but never locked out, so that it is this limit that is met.
        let client = ClientInfo(
            address: AccountsScene.client.address, userAgent: nil, knownDevice: scene.identifiers.next())
        for _ in 1...4 {
            let code = try await scene.mailedCode()
            for _ in 1...5 {
                #expect(try await scene.signIn(code: scene.wrongDigits(code), client: client).isInvalidCredentials)
                scene.clock.advance(by: .seconds(31))
            }
        }
        let fifth = try await scene.mailedCode()
        #expect(try await scene.signIn(code: scene.signer.digits(of: fifth), client: client).isInvalidCredentials)
        scene.clock.advance(by: .seconds(86_401))
        let sixth = try await scene.mailedCode()
        #expect(try await scene.signIn(code: scene.signer.digits(of: sixth), client: client).signedIn != nil)
    }

    @Test("strangers cannot use up the guesses of the owner's device: it signs in by code after twenty of theirs")
    func ownGuesses() async throws {
        try scene.add()
        for _ in 1...4 {
            let code = try await scene.mailedCode()
            for _ in 1...5 { #expect(try await scene.signIn(code: scene.wrongDigits(code)).isInvalidCredentials) }
            scene.clock.advance(by: .seconds(900))
        }
        let code = try await scene.mailedCode()
        #expect(try await scene.signIn(code: scene.signer.digits(of: code)).isInvalidCredentials)
        let device = ClientInfo(
            address: AccountsScene.client.address, userAgent: nil, knownDevice: scene.identifiers.next())
        #expect(try await scene.signIn(code: scene.signer.digits(of: code), client: device).signedIn != nil)
    }

    @Test("a code that was mailed to an address that the account has no more is worth nothing")
    func addressChanged() async throws {
        let user = try scene.add()
        let code = try await scene.mailedCode()
        scene.work.arrange { $0.accounts[user.id]?.user.email = EmailAddress("new@example.com")! }
        let digits = scene.signer.digits(of: code)
        #expect(try await scene.signIn("new@example.com", code: digits).isInvalidCredentials)
    }

    @Test("wrong codes slow down and lock as wrong passwords do")
    func failuresCount() async throws {
        try scene.add()
        let code = try await scene.mailedCode()
        for _ in 1...5 { _ = try await scene.signIn(code: scene.wrongDigits(code)) }
        #expect(try await scene.signIn(code: "000000").delay == .seconds(1))
        #expect(try await scene.signIn().delay == .seconds(1))
        #expect(try await scene.signIn("nobody@example.com", code: "000000").isInvalidCredentials)
    }

    @Test("the first proof of an address removes the password, the sessions and the links of before")
    func firstProof() async throws {
        let user = try scene.add(isVerified: false)
        let squatter = scene.arrangeSession(of: user)
        let old = scene.addLink(for: user)
        let code = try await scene.mailedCode()
        let signedIn = try #require(try await scene.signIn(code: scene.signer.digits(of: code)).signedIn)
        let store = scene.work.store
        let now = try #require(store.accounts[user.id]?.user)
        #expect(now.isVerified)
        #expect(now.passwordHash == nil)
        #expect(store.sessions[squatter.id]?.revocationReason == .firstProof)
        #expect(store.sessions[signedIn.session.id]?.revokedAt == nil)
        #expect(store.validations.values.allSatisfy { $0.usedAt != nil })
        #expect(store.eventTypes.contains("user.verified"))
        let again = try await scene.verifyEmail(old.text, client: AccountsScene.client)
        #expect(again == .verified(try #require(store.accounts[user.id])))
        #expect(scene.work.store.eventTypes == store.eventTypes)
        #expect(try await scene.signIn().isInvalidCredentials)
    }

    @Test("looking at a link changes nothing; its button signs in once")
    func link() async throws {
        let user = try scene.add()
        let text = try await scene.mailedLink()
        for _ in 1...3 {
            #expect(try await scene.signInWithMail.preview(link: text) == .open(address: user.email))
        }
        #expect(scene.work.store.sessions.isEmpty)
        #expect(try await scene.signIn(link: text) == "signed in")
        #expect(try await scene.signIn(link: text) == "invalid")
        #expect(try await scene.signInWithMail.preview(link: text) == .refused(.invalid))
        #expect(scene.work.store.sessions.count == 1)
    }

    @Test("a link lives an hour, and is good for nothing else")
    func linkExpires() async throws {
        try scene.add()
        let text = try await scene.mailedLink()
        let elsewhere = try await scene.resetPassword.preview(text)
        #expect(elsewhere == .refused(.invalid))
        scene.clock.advance(by: AccountsScene.linkLifetime)
        #expect(try await scene.signIn(link: text) == "expired")
    }

    @Test("an account that may not sign in is told so by link and by code")
    func obstructed() async throws {
        let user = try scene.add()
        let code = try await scene.mailedCode()
        let text = scene.linkText(code)
        scene.work.arrange { $0.accounts[user.id]?.user.isActive = false }
        #expect(try await scene.signIn(code: scene.signer.digits(of: code)).obstacle == .inactive)
        #expect(try await scene.signIn(link: text) == "obstructed")
        #expect(scene.work.store.sessions.isEmpty)
    }
}

extension AccountsScene {
    /// Asks for a code and gives the newest.
    func mailedCode(_ email: String = "ana@example.com") async throws -> SignInCode {
        let address = try #require(EmailAddress(email))
        try await signInWithMail.request(email: address)
        let userID = try #require(work.store.account(email)?.user.id)
        return try #require(try await work.read { try $0.signInCodes.latest(of: userID, at: clock.now) })
    }

    func mailedLink() async throws -> String { linkText(try await mailedCode()) }

    /// The link of the same mail.
    func linkText(_ code: SignInCode) -> String {
        work.store.validations[ValidationID(code.id.value)].map(signer.text) ?? ""
    }

    func wrongDigits(_ code: SignInCode) -> String { signer.digits(of: code) == "123456" ? "654321" : "123456" }

    func signIn(
        _ email: String = "ana@example.com", code: String, client: ClientInfo = Self.client
    ) async throws -> SignInOutcome {
        let address = try #require(EmailAddress(email))
        return try await signInWithMail(SignInWithCodeCommand(email: address, code: Secret(code), client: client))
    }

    func signIn(link: String) async throws -> String {
        switch try await signInWithMail(link: link, client: Self.client) {
        case .signedIn: "signed in"
        case .secondFactorNeeded: "second factor needed"
        case .obstructed: "obstructed"
        case .refused(.invalid): "invalid"
        case .refused(.expired): "expired"
        }
    }

    /// A session that somebody opened before.
    @discardableResult
    func arrangeSession(of user: User) -> Session {
        let session = Session(
            id: identifiers.next(), userID: user.id, userAgent: nil, address: nil, createdAt: clock.now,
            lastUsed: clock.now, expiresAt: clock.now + Self.sessionLifetime)
        work.arrange { $0.sessions[session.id] = session }
        return session
    }
}
