import Shared

/// What decides whether a person counts, as it is now.
package struct UserStanding: Sendable, Equatable {
    package let userID: UserID
    package let address: EmailAddress
    package let isActive: Bool
    package let isVerified: Bool
    /// Of the whole platform.
    package let isAdministrator: Bool
    /// Also one that is over; `isBlocked(at:)` tells whether it counts.
    package let block: UserBlock?

    package init(
        userID: UserID, address: EmailAddress, isActive: Bool, isVerified: Bool, isAdministrator: Bool,
        block: UserBlock?
    ) {
        self.userID = userID
        self.address = address
        self.isActive = isActive
        self.isVerified = isVerified
        self.isAdministrator = isAdministrator
        self.block = block
    }

    package func isBlocked(at now: Timestamp) -> Bool { block?.isInEffect(at: now) == true }
}

/// That somebody may not sign in, why and for how long.
package struct UserBlock: Sendable, Equatable {
    /// Shown to the person.
    package let reason: String?
    /// Nil: until it is lifted. Such a block always has a reason, by which a store knows it.
    package let until: Timestamp?

    package init(reason: String, until: Timestamp?) {
        self.reason = reason
        self.until = until
    }

    /// From what a store holds: nil if it holds neither.
    package init?(storedReason reason: String?, until: Timestamp?) {
        guard reason != nil || until != nil else { return nil }
        self.reason = reason
        self.until = until
    }

    /// Nobody tells when a block ends: whoever remembers one compares the time.
    package func isInEffect(at now: Timestamp) -> Bool { until.map { $0 > now } ?? true }
}
