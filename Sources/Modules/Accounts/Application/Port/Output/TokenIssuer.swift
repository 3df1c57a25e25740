import AccountsContract
import AccountsDomain
import Shared

/// A signed access token.
package struct AccessToken: Sendable {
    package let text: Secret<String>
    package let lifetime: Duration

    package init(text: Secret<String>, lifetime: Duration) {
        self.text = text
        self.lifetime = lifetime
    }
}

/// A new refresh token: the text for the client, the record for the store.
package struct RefreshToken: Sendable {
    package let text: Secret<String>
    package let record: RefreshTokenRecord

    package init(text: Secret<String>, record: RefreshTokenRecord) {
        self.text = text
        self.record = record
    }
}

/// What the text of a genuine refresh token says.
package struct RefreshTokenReading: Sendable, Equatable {
    package let sessionID: SessionID
    package let generation: Int
    /// SHA-256 of the text.
    package let hash: [UInt8]

    package init(sessionID: SessionID, generation: Int, hash: [UInt8]) {
        self.sessionID = sessionID
        self.generation = generation
        self.hash = hash
    }
}

/// Makes the tokens of a session.
package protocol TokenIssuer: Sendable {
    func accessToken(for user: User, in session: Session, at now: Timestamp) throws -> AccessToken
    /// The first refresh token of a session.
    func refreshToken(for session: Session, at now: Timestamp) -> RefreshToken
    /// The successor of a token: the same for the same parent and branch, so that any node can give it again.
    ///
    /// - Parameter session: with the successor's generation and branch.
    func successor(of parent: Secret<String>, for session: Session, at now: Timestamp) -> RefreshToken
    /// What a refresh token says; nil if it is not a genuine one of ours.
    func read(refreshToken: Secret<String>) -> RefreshTokenReading?

    /// Names a half-done sign-in to the client that began it: always the same text for the same one.
    func challengeToken(for id: MFAChallengeID) -> Secret<String>
    /// What such a token names; nil if it is not a genuine one of ours.
    func read(challengeToken: Secret<String>) -> MFAChallengeID?
}

/// What a good access token says.
package struct AccessTokenClaims: Sendable, Equatable {
    package let userID: UserID
    package let sessionID: SessionID

    package init(userID: UserID, sessionID: SessionID) {
        self.userID = userID
        self.sessionID = sessionID
    }
}

/// Checks access tokens. Does not look at revocations.
package protocol AccessTokenVerifier: Sendable {
    /// Nil for everything that is not a valid token of ours at `now`. Suspends only for a key that is not known yet
    /// and for a token that is seen for the first time.
    ///
    /// - Parameter confirm: asked once for each token, before it is remembered as good: a signature alone does not
    ///   say that the session is there and the user's.
    func claims(
        of token: String, at now: Timestamp, confirming confirm: (AccessTokenClaims) async throws -> Bool
    ) async throws -> AccessTokenClaims?

    /// The same of a token that was seen before.
    func recall(_ token: String, at now: Timestamp) -> MemoryLookup<AccessTokenClaims>

    /// What a token says that is or was a good one: our signature, for us, though its time may be over.
    func genuineClaims(of token: String, at now: Timestamp) async throws -> AccessTokenClaims?
}

extension AccessTokenVerifier {
    /// By the token alone.
    package func claims(of token: String, at now: Timestamp) async throws -> AccessTokenClaims? {
        try await claims(of: token, at: now) { _ in true }
    }
}
