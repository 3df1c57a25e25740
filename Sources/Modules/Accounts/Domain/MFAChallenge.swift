import AccountsContract
import Shared

/// A sign-in whose first step was right and whose second is due. It is no session and opens none by itself.
package struct MFAChallenge: Sendable, Equatable {
    package let id: MFAChallengeID
    package let userID: UserID
    /// Of the first step.
    package let proof: SignInProof
    /// The identity of another company by which the first step was done.
    package let identityID: IdentityID?
    /// What did the first step; the second counts from there only.
    package let device: Device
    package let destination: SignInDestination
    /// Whether the owner has to hear of the device.
    package let isNewDevice: Bool
    package var attempts: Int
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package var usedAt: Timestamp?

    package static let lifetime: Duration = .seconds(300)
    package static let attemptsMax = 5

    /// What a client is known by between the two steps.
    package struct Device: Sendable, Equatable {
        /// A device of the owner's, by its signed cookie.
        package let known: Identifier?
        package let userAgent: String?

        package init(known: Identifier?, userAgent: String?) {
            self.known = known
            self.userAgent = userAgent
        }

        package init(_ client: ClientInfo) {
            self.init(known: client.knownDevice, userAgent: client.userAgent)
        }
    }

    package init(
        id: MFAChallengeID, userID: UserID, proof: SignInProof, identityID: IdentityID? = nil, device: Device,
        destination: SignInDestination = SignInDestination(), isNewDevice: Bool = false, attempts: Int = 0,
        createdAt: Timestamp, expiresAt: Timestamp, usedAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.proof = proof
        self.identityID = identityID
        self.device = device
        self.destination = destination
        self.isNewDevice = isNewDevice
        self.attempts = attempts
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }

    /// Whether one more code may be tried.
    package func isOpen(at now: Timestamp) -> Bool {
        usedAt == nil && attempts < Self.attemptsMax && expiresAt > now && !createdAt.isAhead(of: now)
    }
}
