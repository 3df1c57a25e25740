import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Rotating a refresh token")
struct RotateRefreshTokenTests {
    private let scene = AccountsScene()

    private func refresh(_ token: Secret<String>) async throws -> RotateRefreshTokenOutcome {
        try await scene.rotate(token, client: AccountsScene.client)
    }

    private func refreshed(_ token: Secret<String>) async throws -> SignedIn {
        try #require(try await refresh(token).signedIn)
    }

    private func session(_ signedIn: SignedIn) -> Session? { scene.work.store.sessions[signedIn.session.id] }

    @Test("the current token gives its successor and an access token, and the session notes that it was used")
    func rotates() async throws {
        try scene.add()
        let first = try await scene.signedIn()
        scene.clock.advance(by: .seconds(900))
        let second = try await refreshed(first.refreshToken.text)
        #expect(second.session.id == first.session.id)
        #expect(second.refreshToken.text.reveal() != first.refreshToken.text.reveal())
        #expect(session(first)?.lastUsed == scene.clock.now)
        #expect(session(first)?.generation == 1)
        let caller = try await scene.authenticate(accessToken: second.accessToken.text.reveal())
        #expect(caller?.sessionID == first.session.id)
        let tokens = scene.work.store.refreshTokens
        #expect(tokens.count { $0.spentAt == nil } == 1)
        #expect(tokens.first?.successor == tokens.last?.jti)
    }

    @Test("the session says from where and by what it was used last")
    func whereabouts() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        let elsewhere = ClientInfo(address: try #require(NetworkAddress(text: "203.0.113.9")), userAgent: "another")
        #expect(try await scene.rotate(signedIn.refreshToken.text, client: elsewhere).signedIn != nil)
        #expect(session(signedIn)?.address == elsewhere.address && session(signedIn)?.userAgent == "another")
    }

    @Test("a chain of a hundred rotations keeps the current token and its parent, and no more")
    func bounded() async throws {
        try scene.add()
        var token = try await scene.signedIn().refreshToken.text
        for _ in 1...100 {
            scene.clock.advance(by: .seconds(900))
            token = try await refreshed(token).refreshToken.text
        }
        #expect(scene.work.store.refreshTokens.count == 2)
        #expect(scene.work.store.sessions.values.map(\.generation) == [100])
    }

    @Test("a lost answer is given again within the window: the same successor, however often")
    func sameSuccessor() async throws {
        try scene.add()
        let first = try await scene.signedIn()
        let successor = try await refreshed(first.refreshToken.text).refreshToken
        scene.clock.advance(by: AccountsScene.reuseWindow - .milliseconds(1))
        for _ in 1...3 {
            let again = try await refreshed(first.refreshToken.text).refreshToken
            #expect(again.text.reveal() == successor.text.reveal())
        }
        #expect(scene.work.store.refreshTokens.count == 2)
        #expect(session(first)?.generation == 1)
        _ = try await refreshed(successor.text)
    }

    @Test("an answer lost for longer gives a branch, which goes on; the successor that was lost is spent")
    func branch() async throws {
        try scene.add()
        let first = try await scene.signedIn()
        let lost = try await refreshed(first.refreshToken.text).refreshToken
        scene.clock.advance(by: AccountsScene.reuseWindow)
        let branch = try await refreshed(first.refreshToken.text).refreshToken
        #expect(branch.text.reveal() != lost.text.reveal())
        #expect(session(first)?.generation == 1)
        #expect(session(first)?.branch == 1)
        #expect(try await refresh(lost.text).kind == "superseded")
        // The branch's own answer may be lost as well.
        #expect(try await refreshed(first.refreshToken.text).refreshToken.text.reveal() == branch.text.reveal())
        let next = try await refreshed(branch.text)
        #expect(next.session.branch == 0)
        #expect(next.session.generation == 2)
    }

    @Test("a late duplicate of an older token gets nothing and ends nothing")
    func superseded() async throws {
        try scene.add()
        let first = try await scene.signedIn()
        let second = try await refreshed(first.refreshToken.text)
        let third = try await refreshed(second.refreshToken.text)
        #expect(try await refresh(first.refreshToken.text).kind == "superseded")
        #expect(session(first)?.revokedAt == nil)
        _ = try await refreshed(third.refreshToken.text)
    }

    @Test("a spent token ends the session: told to others, in the log, and whatever token comes then")
    func reuse() async throws {
        let user = try scene.add()
        let stolen = try await scene.signedIn()
        let second = try await refreshed(stolen.refreshToken.text)
        scene.clock.advance(by: .seconds(900))
        let third = try await refreshed(second.refreshToken.text)
        scene.clock.advance(by: .seconds(900))
        #expect(try await refresh(stolen.refreshToken.text).kind == "reused")
        let store = scene.work.store
        #expect(session(stolen)?.revocationReason == .reuseDetected)
        #expect(session(stolen)?.revokedAt == scene.clock.now)
        #expect(store.revokedSubjects == [.session(stolen.session.id)])
        #expect(store.events(of: SessionReuseDetected.self).map(\.userID) == [user.id])
        #expect(store.events(of: SessionRevoked.self).map(\.reason) == ["reuse_detected"])
        #expect(store.auditLines.suffix(2) == ["done session.revoked", "refused session.refresh reuse_detected"])
        for token in [stolen, second, third] {
            #expect(try await refresh(token.refreshToken.text).kind == "revoked")
        }
        #expect(try await scene.authenticate(accessToken: third.accessToken.text.reveal()) == nil)
        #expect(scene.work.store.events.count == store.events.count)
    }

    @Test("a token of which the tag is not genuine is refused without a look into the store")
    func forged() async throws {
        try scene.add()
        let token = try await scene.signedIn().refreshToken.text.reveal()
        let rotate = RotateRefreshTokenService(
            work: UnplannedWork(), tokens: scene.tokens, clock: scene.clock, reuseWindow: .seconds(30))
        for text in ["", "nonsense", token + "A", String(token.dropLast()), token.replacing("refresh/", with: "r/")] {
            #expect(try await rotate(Secret(text), client: AccountsScene.client).kind == "invalid")
        }
    }

    @Test("a session that is over, gone or too old gives no tokens, and neither does an account that may not sign in")
    func over() async throws {
        let user = try scene.add()
        let signedIn = try await scene.signedIn()
        let (id, token) = (signedIn.session.id, signedIn.refreshToken.text)
        let whole = scene.work.store
        func outcome(_ change: @Sendable (inout AccountsStore) -> Void) async throws -> String {
            scene.work.arrange { store in
                store = whole
                change(&store)
            }
            return try await refresh(token).kind
        }
        let (now, start) = (scene.clock.now, scene.clock.now - .seconds(60))
        #expect(try await outcome { $0.sessions[id]?.revokedAt = now } == "revoked")
        #expect(try await outcome { $0.accounts[user.id]?.user.isActive = false } == "revoked")
        #expect(
            try await outcome { $0.accounts[user.id]?.user.block = UserBlock(reason: "spam", until: now + .seconds(1)) }
                == "revoked")
        #expect(try await outcome { $0.accounts[user.id] = nil } == "revoked")
        #expect(try await outcome { $0.sessions[id] = nil } == "invalid")
        let ended = Session(
            id: id, userID: user.id, userAgent: nil, address: nil, createdAt: start, lastUsed: start, expiresAt: now)
        #expect(try await outcome { $0.sessions[id] = ended } == "invalid")
        #expect(scene.work.store.revokedSubjects == [])
        #expect(try await outcome { _ in } == "refreshed")
    }

    @Test("a token that nobody used for its lifetime is too old, and the session is not called stolen")
    func expires() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        scene.clock.advance(by: .seconds(30 * 86_400))
        #expect(try await refresh(signedIn.refreshToken.text).kind == "invalid")
        #expect(session(signedIn)?.revokedAt == nil)
    }

    @Test("no chain of rotations outlives the session")
    func sessionMaxAge() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        var token = signedIn.refreshToken
        while scene.clock.now + .seconds(29 * 86_400) < signedIn.session.expiresAt {
            scene.clock.advance(by: .seconds(29 * 86_400))
            token = try await refreshed(token.text).refreshToken
            #expect(token.record.expiresAt <= signedIn.session.expiresAt)
        }
        scene.clock.set(to: signedIn.session.expiresAt)
        #expect(try await refresh(token.text).kind == "invalid")
    }

    @Test("a store that fails is a failure, and the token is as good as before")
    func storeFails() async throws {
        try scene.add()
        let token = try await scene.signedIn().refreshToken.text
        scene.work.beforeNextWrite { throw Unavailable("database", reason: "as the test said") }
        await #expect(throws: Unavailable.self) { try await refresh(token) }
        #expect(try await refresh(token).kind == "refreshed")
    }

    @Test("a node with another key cannot give the same successor, so it gives a branch")
    func otherKey() async throws {
        try scene.add()
        let first = try await scene.signedIn()
        let lost = try await refreshed(first.refreshToken.text)
        let rotate = RotateRefreshTokenService(
            work: scene.work, tokens: OtherKey(tokens: scene.tokens), clock: scene.clock,
            reuseWindow: AccountsScene.reuseWindow)
        let branch = try #require(try await rotate(first.refreshToken.text, client: AccountsScene.client).signedIn)
        #expect(branch.refreshToken.text.reveal() != lost.refreshToken.text.reveal())
        #expect(session(first)?.branch == 1)
        #expect(scene.work.store.refreshTokens.count { $0.successor == nil } == 1)
    }

    private struct OtherKey: TokenIssuer {
        let tokens: TokenDouble

        func accessToken(for user: User, in session: Session, at now: Timestamp) throws -> AccessToken {
            try tokens.accessToken(for: user, in: session, at: now)
        }

        func refreshToken(for session: Session, at now: Timestamp) -> RefreshToken {
            tokens.refreshToken(for: session, at: now)
        }

        func successor(of parent: Secret<String>, for session: Session, at now: Timestamp) -> RefreshToken {
            tokens.successor(of: Secret("other key \(parent.reveal())"), for: session, at: now)
        }

        func read(refreshToken: Secret<String>) -> RefreshTokenReading? { tokens.read(refreshToken: refreshToken) }

        func challengeToken(for id: MFAChallengeID) -> Secret<String> { tokens.challengeToken(for: id) }

        func read(challengeToken: Secret<String>) -> MFAChallengeID? { tokens.read(challengeToken: challengeToken) }
    }
}

extension RotateRefreshTokenOutcome {
    var signedIn: SignedIn? {
        if case .refreshed(let signedIn) = self { signedIn } else { nil }
    }

    var kind: String {
        switch self {
        case .refreshed: "refreshed"
        case .invalid: "invalid"
        case .superseded: "superseded"
        case .reused: "reused"
        case .revoked: "revoked"
        }
    }
}
