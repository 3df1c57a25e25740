import AccountsContract
import Shared

/// One signed-in device. Its generation and branch say which refresh token is the current one.
package struct Session: Sendable, Equatable {
    package let id: SessionID
    package let userID: UserID
    package var generation: Int
    package var branch: Int
    package let userAgent: String?
    package let address: NetworkAddress?
    package let createdAt: Timestamp
    package var lastUsed: Timestamp
    package let expiresAt: Timestamp
    package var revokedAt: Timestamp?
    package var revocationReason: RevocationReason?

    package enum RevocationReason: String, Sendable {
        case logout
        case administratorReset = "administrator_reset"
    }

    package init(
        id: SessionID, userID: UserID, generation: Int = 0, branch: Int = 0, userAgent: String?,
        address: NetworkAddress?, createdAt: Timestamp, lastUsed: Timestamp, expiresAt: Timestamp,
        revokedAt: Timestamp? = nil, revocationReason: RevocationReason? = nil
    ) {
        self.id = id
        self.userID = userID
        self.generation = generation
        self.branch = branch
        self.userAgent = userAgent
        self.address = address
        self.createdAt = createdAt
        self.lastUsed = lastUsed
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.revocationReason = revocationReason
    }

    package func isAlive(at now: Timestamp) -> Bool { revokedAt == nil && expiresAt > now }
}

/// What the store keeps of a refresh token: enough to know it again, not enough to use it.
package struct RefreshTokenRecord: Sendable, Equatable {
    package let sessionID: SessionID
    package let jti: Identifier
    /// SHA-256 of the token's text.
    package let hash: [UInt8]
    package let generation: Int
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        sessionID: SessionID, jti: Identifier, hash: [UInt8], generation: Int, createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.sessionID = sessionID
        self.jti = jti
        self.hash = hash
        self.generation = generation
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}
