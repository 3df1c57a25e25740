import AccountsContract
import Shared

/// A key pair of an authenticator by which somebody signs in: the public half, and what is known of it.
package struct Passkey: Sendable, Equatable {
    package static let countMax = 20

    package let id: PasskeyID
    package let userID: UserID
    /// As the authenticator calls it, 16 to 1,023 bytes; no two passkeys have the same.
    package let credentialID: [UInt8]
    /// In the form of COSE.
    package let publicKey: [UInt8]
    /// By its COSE number.
    package let algorithm: Int
    /// The domain for which it was made; it works for no other.
    package let relyingPartyID: String
    /// How often it was used, by its own count; some do not count, and stay at 0.
    package var signCount: Int
    /// Whether it can be backed up or shared between devices; it never changes.
    package let isBackupEligible: Bool
    package var isBackedUp: Bool
    /// How the authenticator can be reached, in its words.
    package let transports: [String]
    /// Which model of authenticator it is, 16 bytes; zeros where it does not say.
    package let aaguid: [UInt8]
    package var name: String
    package let createdAt: Timestamp
    package var lastUsed: Timestamp?
    /// Since when it signs in no more.
    package var suspendedAt: Timestamp?

    package init(
        id: PasskeyID, userID: UserID, credentialID: [UInt8], publicKey: [UInt8], algorithm: Int,
        relyingPartyID: String, signCount: Int, isBackupEligible: Bool, isBackedUp: Bool, transports: [String],
        aaguid: [UInt8], name: String, createdAt: Timestamp, lastUsed: Timestamp? = nil, suspendedAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.credentialID = credentialID
        self.publicKey = publicKey
        self.algorithm = algorithm
        self.relyingPartyID = relyingPartyID
        self.signCount = signCount
        self.isBackupEligible = isBackupEligible
        self.isBackedUp = isBackedUp
        self.transports = transports
        self.aaguid = aaguid
        self.name = name
        self.createdAt = createdAt
        self.lastUsed = lastUsed
        self.suspendedAt = suspendedAt
    }

    /// What a count that comes with a use means.
    package enum CountVerdict: Sendable, Equatable {
        /// The passkey does not count.
        case uncounted
        case advanced
        /// Not higher than before, of a passkey whose copies may count each for themselves.
        case regressed
        /// Not higher than before, of one that has no copies: there is one all the same.
        case copied
    }

    package func verdict(on count: Int) -> CountVerdict {
        if count == 0, signCount == 0 { return .uncounted }
        if count > signCount { return .advanced }
        return isBackupEligible ? .regressed : .copied
    }

    /// By what somebody proves who he is who uses it: one that verified its user is first and second factor in one.
    package func proof(at now: Timestamp) -> SignInProof {
        SignInProof([isBackupEligible ? .softwareKey : .hardwareKey, .userVerified], level: .aal2, at: now)
    }
}
