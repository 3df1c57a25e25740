import AccountsContract
import Shared

/// A mailed or printed link that proves something once.
package struct ValidationToken: Sendable, Equatable {
    package enum Purpose: String, Sendable {
        /// The address belongs to the one who reads its mail.
        case verify
        /// Sets a new password.
        case reset
        /// Signs in.
        case magicLink = "magic_link"
        /// Another address shall be the account's.
        case emailChange = "email_change"
        /// Brings the address back that a change took away.
        case emailUndo = "email_undo"
        /// Reactivates an account that its owner deactivated, or erases it.
        case reactivate
        /// Stops the reset of the account's second factors.
        case mfaReset = "mfa_reset"
        /// Whoever holds the link becomes an administrator.
        case administrator
    }

    /// How long the old address can undo a change.
    package static let emailUndoLifetime: Duration = .seconds(7 * 86_400)

    package let id: ValidationID
    /// Nil for an administrator's link: the account is made by it.
    package let userID: UserID?
    package let purpose: Purpose
    /// Nil if the link's holder chooses the address.
    package let address: EmailAddress?
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    /// The session that asked for it, where the link is good only as long as that lives.
    package let sessionID: SessionID?
    package var usedAt: Timestamp?

    package init(
        id: ValidationID, userID: UserID?, purpose: Purpose, address: EmailAddress?, createdAt: Timestamp,
        expiresAt: Timestamp, sessionID: SessionID? = nil, usedAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.purpose = purpose
        self.address = address
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.sessionID = sessionID
        self.usedAt = usedAt
    }

    package enum State: Sendable, Equatable {
        case open
        case used
        case expired
    }

    package func state(at now: Timestamp) -> State {
        if usedAt != nil { return .used }
        return expiresAt > now ? .open : .expired
    }
}
