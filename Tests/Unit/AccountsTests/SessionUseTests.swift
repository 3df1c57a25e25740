import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Using and ending a session")
struct SessionUseTests {
    private let scene = AccountsScene()

    @Test("an access token tells who calls")
    func authenticates() async throws {
        let user = try scene.add()
        let signedIn = try await scene.signedIn()
        let caller = try await scene.authenticate(accessToken: signedIn.accessToken.text.reveal())
        #expect(caller == Caller(userID: user.id, sessionID: signedIn.session.id))
    }

    @Test("a text that is no token of ours is refused without a look into the store")
    func notOurs() async throws {
        let authenticate = AuthenticateService(work: UnplannedWork(), verifier: scene.tokens, clock: scene.clock)
        #expect(try await authenticate(accessToken: "nonsense") == nil)
    }

    @Test("a token dies with its lifetime, its session or its account's right to sign in", arguments: Ending.allCases)
    func ends(_ ending: Ending) async throws {
        let user = try scene.add()
        let signedIn = try await scene.signedIn()
        let token = signedIn.accessToken.text.reveal()
        switch ending {
        case .expired: scene.clock.advance(by: signedIn.accessToken.lifetime)
        case .revoked: scene.work.arrange { $0.sessions[signedIn.session.id]?.revokedAt = user.createdAt }
        case .forgotten: scene.work.arrange { $0.sessions = [:] }
        case .deactivated: scene.work.arrange { $0.accounts[user.id]?.user.isActive = false }
        case .blocked:
            scene.work.arrange { $0.accounts[user.id]?.user.blockedUntil = signedIn.session.expiresAt }
        case .deleted: scene.work.arrange { $0.accounts = [:] }
        case .foreignSession:
            let other = try scene.add("other@example.com")
            let session = signedIn.session
            scene.work.arrange { store in
                store.sessions[session.id] = Session(
                    id: session.id, userID: other.id, userAgent: nil, address: nil, createdAt: session.createdAt,
                    lastUsed: session.lastUsed, expiresAt: session.expiresAt)
            }
        }
        #expect(try await scene.authenticate(accessToken: token) == nil)
    }

    @Test("a session that is over ends its tokens, however long they live")
    func sessionOver() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        let lifetime = signedIn.session.expiresAt - scene.clock.now
        let longLived = TokenDouble(identifiers: scene.identifiers, lifetime: lifetime + .seconds(60))
        let token = try longLived.accessToken(
            for: signedIn.account.user, in: signedIn.session, at: scene.clock.now)
        let authenticate = AuthenticateService(work: scene.work, verifier: longLived, clock: scene.clock)
        scene.clock.advance(by: lifetime - .milliseconds(1))
        #expect(try await authenticate(accessToken: token.text.reveal()) != nil)
        scene.clock.advance(by: .milliseconds(1))
        #expect(try await authenticate(accessToken: token.text.reveal()) == nil)
    }

    @Test("logging out ends the session; twice is the same as once")
    func logsOut() async throws {
        let user = try scene.add()
        let signedIn = try await scene.signedIn()
        let caller = Caller(userID: user.id, sessionID: signedIn.session.id)
        scene.clock.advance(by: .seconds(5))
        for _ in 1...2 { try await scene.logOut(caller, client: AccountsScene.client) }
        let store = scene.work.store
        #expect(store.sessions[caller.sessionID]?.revokedAt == scene.clock.now)
        #expect(store.sessions[caller.sessionID]?.revocationReason == .logout)
        let revoked = store.events(of: SessionRevoked.self)
        #expect(revoked.map(\.sessionID) == [caller.sessionID])
        #expect(revoked.map(\.reason) == ["logout"])
        #expect(store.auditLines == ["done session.opened", "done session.revoked"])
        #expect(try await scene.authenticate(accessToken: signedIn.accessToken.text.reveal()) == nil)
    }

    @Test("logging out leaves the other sessions alone")
    func otherSessionsStay() async throws {
        let user = try scene.add()
        let first = try await scene.signedIn()
        let second = try await scene.signedIn()
        try await scene.logOut(
            Caller(userID: user.id, sessionID: first.session.id), client: AccountsScene.client)
        #expect(try await scene.authenticate(accessToken: second.accessToken.text.reveal()) != nil)
    }

    @Test("an account is read with its profile, or not at all")
    func readsAccount() async throws {
        let user = try scene.add()
        let read = ReadAccountService(work: scene.work)
        #expect(try await read(user.id)?.user == user)
        #expect(try await read(UserID(scene.identifiers.next())) == nil)
    }

    enum Ending: CaseIterable, Sendable {
        case expired, revoked, forgotten, deactivated, blocked, deleted, foreignSession
    }
}
