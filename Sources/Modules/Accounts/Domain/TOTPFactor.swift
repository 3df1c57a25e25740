import AccountsContract
import Shared

/// A secret that an authenticator app shares with us (RFC 6238). It is no factor before its first code has confirmed it.
package struct TOTPFactor: Sendable, Equatable {
    package let id: FactorID
    package let userID: UserID
    /// What its owner calls it.
    package let name: String
    /// Encrypted, and bound to this row.
    package let sealedSecret: [UInt8]
    /// The step of time of the newest code that was taken; no code of it or of an older one counts.
    package var lastStep: Int64
    package let createdAt: Timestamp
    package var confirmedAt: Timestamp?
    package var lastUsedAt: Timestamp?

    /// Of time (RFC 6238).
    package static let stepSeconds: Int64 = 30
    package static let pendingLifetime: Duration = .seconds(900)
    /// Of one account, confirmed or waiting.
    package static let countMax = 5
    package static let nameLengths = 1...64

    package init(
        id: FactorID, userID: UserID, name: String, sealedSecret: [UInt8], lastStep: Int64 = 0, createdAt: Timestamp,
        confirmedAt: Timestamp? = nil, lastUsedAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.name = name
        self.sealedSecret = sealedSecret
        self.lastStep = lastStep
        self.createdAt = createdAt
        self.confirmedAt = confirmedAt
        self.lastUsedAt = lastUsedAt
    }

    /// Those whose codes are taken: the current one, and its neighbours for clocks that differ.
    package static func steps(at now: Timestamp) -> ClosedRange<Int64> {
        let current = now.seconds / stepSeconds
        return current - 1...current + 1
    }

    package var isConfirmed: Bool { confirmedAt != nil }

    /// Whether its first code may still come.
    package func isPending(at now: Timestamp) -> Bool {
        confirmedAt == nil && now - createdAt < Self.pendingLifetime && !createdAt.isAhead(of: now)
    }
}
