import AccountsContract
import Shared

/// One signed-in device. Its generation and branch say which refresh token is the current one.
package struct Session: Sendable, Equatable {
    package let id: SessionID
    package let userID: UserID
    package var generation: Int
    package var branch: Int
    /// By what and from where the session was used last.
    package var userAgent: String?
    package var address: NetworkAddress?
    package let createdAt: Timestamp
    package var lastUsed: Timestamp
    package let expiresAt: Timestamp
    package var revokedAt: Timestamp?
    package var revocationReason: RevocationReason?
    /// By what its person last proved who he is. A session that 0.1.0 opened has no method.
    package var proof: SignInProof
    /// The identity of another company by which it was opened.
    package let identityID: IdentityID?

    package enum RevocationReason: String, Sendable {
        case logout
        /// The owner ended it from another device.
        case revoked
        /// A spent refresh token came back: somebody else has a copy.
        case reuseDetected = "reuse_detected"
        case passwordChanged = "password_changed"
        case deactivated
        case blocked
        /// An administrator ended it.
        case endedByAdministrator = "ended_by_administrator"
        case erased
        /// The address was proved for the first time; who signed in before may not have been its owner.
        case firstProof = "first_proof"
        case administratorReset = "administrator_reset"
        /// Somebody guessed at the password in it.
        case wrongConfirmations = "wrong_confirmations"
        /// A change of the address was undone from the old one.
        case emailUndone = "email_undone"
        /// The owner set up a second factor elsewhere.
        case mfaEnabled = "mfa_enabled"
        /// An administrator removed the second factors.
        case mfaReset = "mfa_reset"
        /// The identity of another company that opened it is no way to sign in any more.
        case identityUnlinked = "identity_unlinked"
        /// Another session took its place, so that copies of its tokens are worth nothing.
        case renewed
    }

    package init(
        id: SessionID, userID: UserID, generation: Int = 0, branch: Int = 0, userAgent: String?,
        address: NetworkAddress?, createdAt: Timestamp, lastUsed: Timestamp, expiresAt: Timestamp,
        revokedAt: Timestamp? = nil, revocationReason: RevocationReason? = nil, proof: SignInProof? = nil,
        identityID: IdentityID? = nil
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
        self.proof = proof ?? SignInProof([], at: createdAt)
        self.identityID = identityID
    }

    package func isAlive(at now: Timestamp) -> Bool { revokedAt == nil && expiresAt > now }
}
