import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Signing in")
struct SignInTests {
    private let scene = AccountsScene()

    @Test("the right password opens a session, publishes it and writes the audit log")
    func opensSession() async throws {
        let user = try scene.add()
        let signedIn = try #require(try await scene.signIn("ANA@example.com").signedIn)
        let store = scene.work.store
        #expect(store.sessions[signedIn.session.id] == signedIn.session)
        #expect(signedIn.session.userID == user.id)
        #expect(signedIn.session.expiresAt == scene.clock.now + AccountsScene.sessionLifetime)
        #expect(signedIn.session.address == AccountsScene.client.address)
        #expect(signedIn.session.userAgent == AccountsScene.client.userAgent)
        #expect(signedIn.account.user == user)
        #expect(store.refreshTokens == [signedIn.refreshToken.record])
        #expect(store.events(of: UserLoggedIn.self).map(\.sessionID) == [signedIn.session.id])
        #expect(store.auditLines == ["done session.opened"])
    }

    @Test("the access token names the session, and the stored record does not hold the refresh token")
    func tokens() async throws {
        let user = try scene.add()
        let signedIn = try await scene.signedIn()
        let claims = try await scene.tokens.claims(of: signedIn.accessToken.text.reveal(), at: scene.clock.now)
        #expect(claims == AccessTokenClaims(userID: user.id, sessionID: signedIn.session.id))
        #expect(signedIn.refreshToken.record.hash != Array(signedIn.refreshToken.text.reveal().utf8))
    }

    @Test("each sign-in opens a session of its own")
    func ownSessions() async throws {
        try scene.add()
        let first = try await scene.signedIn()
        let second = try await scene.signedIn()
        #expect(first.session.id != second.session.id)
        #expect(scene.work.store.sessions.count == 2)
    }

    @Test("a device that is not known is told of, once the account is older than an hour")
    func newDevice() async throws {
        try scene.add()
        let device = scene.identifiers.next()
        func signIn(on device: Identifier?) async throws -> Bool? {
            let client = ClientInfo(
                address: AccountsScene.client.address, userAgent: nil, knownDevice: device)
            _ = try await scene.signIn(
                SignInCommand(
                    email: try #require(EmailAddress("ana@example.com")), password: Secret(AccountsScene.password),
                    client: client))
            return scene.work.store.events(of: UserLoggedIn.self).last?.isNewDevice
        }
        scene.clock.advance(by: .seconds(3_600))
        #expect(try await signIn(on: nil) == nil)
        scene.clock.advance(by: .seconds(1))
        #expect(try await signIn(on: nil) == true)
        #expect(try await signIn(on: device) == nil)
        #expect(scene.work.store.events(of: UserLoggedIn.self).count == 3)
    }

    @Test("a wrong password is refused and audited with the account and where it came from")
    func wrongPassword() async throws {
        let user = try scene.add()
        #expect(try await scene.signIn(password: "wrong horse").isInvalidCredentials)
        let store = scene.work.store
        #expect(store.sessions.isEmpty)
        #expect(store.events(of: UserLoginFailed.self).map(\.userID) == [user.id])
        #expect(store.events.count == 1)
        #expect(store.auditLines == ["refused session.open invalid_credentials"])
        #expect(store.audit.first?.subject == "user:\(user.id)")
        #expect(store.audit.first?.personal == AccountsScene.client.personal)
    }

    @Test("an unknown address costs a hash like a known one and gets the same answer")
    func unknownAddress() async throws {
        #expect(try await scene.signIn("nobody@example.com").isInvalidCredentials)
        #expect(scene.hasher.calls == [.verifyAgainstNothing])
        #expect(scene.work.store.auditLines == ["refused session.open invalid_credentials"])
        #expect(scene.work.store.audit.first?.subject == nil)
    }

    @Test("an account without a password costs a hash and gets the same answer")
    func noPassword() async throws {
        try scene.add(password: nil)
        #expect(try await scene.signIn(password: "anything at all").isInvalidCredentials)
        #expect(scene.hasher.calls == [.verifyAgainstNothing])
    }

    @Test("nobody, and an account without a password, cost what the account at their place costs, and never get in")
    func someoneElsesHash() async throws {
        let imported = PasswordHasherDouble.oldHash(of: AccountsScene.password)
        try scene.add("imported@example.com", password: nil) { $0.passwordHash = imported }
        try scene.add("codes@example.com", password: nil)
        for email in ["nobody@example.com", "codes@example.com"] {
            #expect(try await scene.signIn(email, password: AccountsScene.password).isInvalidCredentials)
        }
        #expect(scene.hasher.calls == [.verify(against: imported), .verify(against: imported)])
        #expect(scene.work.store.sessions.isEmpty)
    }

    @Test(
        "what keeps an account from signing in is told only after the right password", arguments: Obstruction.allCases)
    func obstacles(_ obstruction: Obstruction) async throws {
        let user = try scene.add { obstruction.apply(to: &$0, at: scene.clock.now) }
        #expect(try await scene.signIn(password: "wrong horse").isInvalidCredentials)
        let expected = try #require(user.signInObstacle(at: scene.clock.now))
        #expect(try await scene.signIn().obstacle == expected)
        let store = scene.work.store
        #expect(store.sessions.isEmpty)
        #expect(store.eventTypes == ["user.login_failed"])
        #expect(
            store.auditLines == [
                "refused session.open invalid_credentials", "refused session.open \(obstruction.rawValue)",
            ])
    }

    @Test("what happens to the account while its password is verified counts", arguments: Obstruction.allCases)
    func obstructedMeanwhile(_ obstruction: Obstruction) async throws {
        let scene = scene
        let user = try scene.add()
        scene.hasher.meanwhile {
            scene.work.arrange { store in
                guard var account = store.accounts[user.id] else { return }
                obstruction.apply(to: &account.user, at: scene.clock.now)
                store.accounts[user.id] = account
            }
        }
        #expect(try await scene.signIn().obstacle != nil)
        #expect(scene.work.store.sessions.isEmpty)
    }

    @Test("a password that is changed while its hash is verified is not the right one any more")
    func passwordChangedMeanwhile() async throws {
        let scene = scene
        let user = try scene.add()
        scene.hasher.meanwhile {
            scene.work.arrange {
                $0.accounts[user.id]?.user.passwordHash = PasswordHasherDouble.hash(of: "new password")
            }
        }
        #expect(try await scene.signIn().isInvalidCredentials)
        #expect(scene.work.store.sessions.isEmpty)
        #expect(try await scene.signIn(password: "new password").signedIn != nil)
    }

    @Test("an account that is deleted while its password is verified cannot sign in")
    func deletedMeanwhile() async throws {
        let scene = scene
        let user = try scene.add()
        scene.hasher.meanwhile { scene.work.arrange { $0.accounts[user.id] = nil } }
        #expect(try await scene.signIn().isInvalidCredentials)
        #expect(scene.work.store.sessions.isEmpty)
    }

    @Test("a full hashing queue is a failure, not a wrong password")
    func hashingUnavailable() async throws {
        try scene.add()
        scene.hasher.meanwhile { throw Unavailable("password_hashing", reason: "the queue is full") }
        await #expect(throws: Unavailable.self) { try await scene.signIn() }
        #expect(scene.work.store.audit.isEmpty)
    }

    @Test("a store that fails opens no session")
    func storeFails() async throws {
        try scene.add()
        scene.work.beforeNextWrite { throw Unavailable("database", reason: "full") }
        await #expect(throws: Unavailable.self) { try await scene.signIn() }
        #expect(scene.work.store.sessions.isEmpty)
        #expect(scene.work.store.events.isEmpty)
    }

    enum Obstruction: String, CaseIterable, Sendable {
        case notVerified = "email_not_verified"
        case inactive = "account_inactive"
        case blocked = "account_blocked"

        func apply(to user: inout User, at now: Timestamp) {
            switch self {
            case .notVerified: user.isVerified = false
            case .inactive: user.isActive = false
            case .blocked: user.block = UserBlock(reason: "spam", until: now + .seconds(60))
            }
        }
    }
}
