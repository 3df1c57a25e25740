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
        #expect(caller == SessionCaller(userID: user.id, sessionID: signedIn.session.id))
    }

    @Test("a text that is no token of ours is refused without a look into the store")
    func notOurs() async throws {
        let authenticate = AuthenticateService(
            work: UnplannedWork(), verifier: scene.tokens, revocations: scene.revocations, cutOff: .refuse,
            clock: scene.clock)
        #expect(try await authenticate(accessToken: "nonsense") == nil)
    }

    @Test("a process that hears of revocations takes a good token without a look into the store")
    func warm() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        let authenticate = AuthenticateService(
            work: UnplannedWork(), verifier: scene.tokens, revocations: scene.revocations, cutOff: .refuse,
            clock: scene.clock)
        let token = signedIn.accessToken.text.reveal()
        #expect(try await authenticate(accessToken: token)?.sessionID == signedIn.session.id)
        scene.work.arrange {
            $0.revocations.append(Revocation(of: .session(signedIn.session.id), at: signedIn.session.createdAt))
        }
        #expect(try await authenticate(accessToken: token) == nil)
    }

    @Test("a token dies with its lifetime")
    func expires() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        let token = signedIn.accessToken.text.reveal()
        scene.clock.advance(by: signedIn.accessToken.lifetime - .milliseconds(1))
        #expect(try await scene.authenticate(accessToken: token) != nil)
        scene.clock.advance(by: .milliseconds(1))
        #expect(try await scene.authenticate(accessToken: token) == nil)
    }

    @Test(
        "a process that has not heard of revocations asks the store for the session", arguments: Ending.allCases)
    func ends(_ ending: Ending) async throws {
        let user = try scene.add()
        let signedIn = try await scene.signedIn()
        let session = signedIn.session
        let token = signedIn.accessToken.text.reveal()
        scene.revocations.goDeaf()
        #expect(try await scene.authenticate(accessToken: token) != nil)
        switch ending {
        case .expired: scene.clock.advance(by: signedIn.accessToken.lifetime)
        case .revoked: scene.work.arrange { $0.sessions[session.id]?.revokedAt = user.createdAt }
        case .forgotten: scene.work.arrange { $0.sessions = [:] }
        case .over: arrange(signedIn, of: user.id, expiresAt: scene.clock.now)
        case .foreign: arrange(signedIn, of: try scene.add("other@example.com").id, expiresAt: session.expiresAt)
        }
        #expect(try await scene.authenticate(accessToken: token) == nil)
    }

    @Test("when neither memory nor store can tell, the answer is a failure, or trust if the operator says so")
    func cutOff() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        let token = signedIn.accessToken.text.reveal()
        scene.revocations.goDeaf()
        for cutOff in RevocationCutOff.allCases {
            let authenticate = AuthenticateService(
                work: FailingWork(), verifier: scene.tokens, revocations: scene.revocations, cutOff: cutOff,
                clock: scene.clock)
            #expect(try await authenticate(accessToken: "nonsense") == nil)
            switch cutOff {
            case .refuse:
                await #expect(throws: Unavailable.self) { try await authenticate(accessToken: token) }
            case .accept:
                #expect(try await authenticate(accessToken: token)?.sessionID == signedIn.session.id)
            }
        }
    }

    private func arrange(_ signedIn: SignedIn, of userID: UserID, expiresAt: Timestamp) {
        let session = signedIn.session
        scene.work.arrange { store in
            store.sessions[session.id] = Session(
                id: session.id, userID: userID, userAgent: nil, address: nil, createdAt: session.createdAt,
                lastUsed: session.lastUsed, expiresAt: expiresAt)
        }
    }

    private struct FailingWork: UnitOfWork {
        func write<T: Sendable>(
            in _: WorkScope, _: @escaping @Sendable (any AccountsContext) throws -> T
        ) async throws -> T {
            throw Unavailable("database", reason: "as the test said")
        }

        func read<T: Sendable>(
            in _: WorkScope, _: @escaping @Sendable (any AccountsContext) throws -> T
        ) async throws -> T {
            throw Unavailable("database", reason: "as the test said")
        }
    }

    @Test("logging out ends the session; twice is the same as once")
    func logsOut() async throws {
        let user = try scene.add()
        let signedIn = try await scene.signedIn()
        let caller = SessionCaller(userID: user.id, sessionID: signedIn.session.id)
        scene.clock.advance(by: .seconds(5))
        for _ in 1...2 { try await scene.end(signedIn) }
        let store = scene.work.store
        #expect(store.sessions[caller.sessionID]?.revokedAt == scene.clock.now)
        #expect(store.sessions[caller.sessionID]?.revocationReason == .logout)
        let revoked = store.events(of: SessionRevoked.self)
        #expect(revoked.map(\.sessionID) == [caller.sessionID])
        #expect(revoked.map(\.reason) == ["logout"])
        #expect(store.revokedSubjects == [.session(caller.sessionID)])
        #expect(store.auditLines == ["done session.opened", "done session.revoked"])
        #expect(try await scene.authenticate(accessToken: signedIn.accessToken.text.reveal()) == nil)
    }

    @Test("logging out leaves the other sessions alone")
    func otherSessionsStay() async throws {
        try scene.add()
        let first = try await scene.signedIn()
        let second = try await scene.signedIn()
        try await scene.end(first)
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
        case expired, revoked, forgotten, over, foreign
    }
}
