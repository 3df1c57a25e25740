import AccountsContract
import Shared

/// What the store keeps of a refresh token: enough to know it again, not enough to use it.
package struct RefreshTokenRecord: Sendable, Equatable {
    package let sessionID: SessionID
    package let jti: Identifier
    /// SHA-256 of the token's text.
    package let hash: [UInt8]
    package let generation: Int
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    /// When a successor took its place; nil for the session's current token.
    package var spentAt: Timestamp?
    package var successor: Identifier?

    package init(
        sessionID: SessionID, jti: Identifier, hash: [UInt8], generation: Int, createdAt: Timestamp,
        expiresAt: Timestamp, spentAt: Timestamp? = nil, successor: Identifier? = nil
    ) {
        self.sessionID = sessionID
        self.jti = jti
        self.hash = hash
        self.generation = generation
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.spentAt = spentAt
        self.successor = successor
    }
}

/// What to do with a refresh token whose tag is genuine. Never logs an honest client out, who may have lost an
/// answer, have two tabs, or send a request twice; ends the session of a thief, who cannot but use a spent token.
package enum RefreshDecision: Sendable, Equatable {
    /// The current token: a successor takes its place.
    case rotate
    /// Its parent, just now: the same successor again.
    case repeatSuccessor
    /// Its parent, later, the successor unused: a new branch takes the successor's place.
    case branch
    /// An older one, spent just now: a late duplicate. Nothing is issued, nothing revoked.
    case superseded
    /// A spent token: the session is over.
    case reuse
    /// The current token is too old.
    case expired

    /// - Parameters:
    ///   - presented: the record of the token that came; nil if it is forgotten, so spent long ago.
    ///   - current: the session's current token.
    ///   - window: how long after its rotation a token may come again (`REFRESH_REUSE_WINDOW`).
    package init(
        presented: RefreshTokenRecord?, current: RefreshTokenRecord, at now: Timestamp, window: Duration
    ) {
        guard let presented else {
            self = .reuse
            return
        }
        guard let spentAt = presented.spentAt else {
            self = presented.expiresAt > now ? .rotate : .expired
            return
        }
        let isRecent = now - spentAt < window
        // A successor that a new branch replaced leads to that branch too, but is of its generation: no parent.
        let isParent = presented.successor == current.jti && presented.generation < current.generation
        if isParent {
            self = isRecent ? .repeatSuccessor : current.expiresAt > now ? .branch : .expired
        } else {
            self = isRecent ? .superseded : .reuse
        }
    }
}
