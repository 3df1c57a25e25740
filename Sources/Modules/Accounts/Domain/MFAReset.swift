import AccountsContract
import Shared

/// That an account loses its second factors, because its owner has lost them and an administrator believes it. It waits,
/// so that the owner can stop what somebody else has asked for.
package struct MFAReset: Sendable, Equatable {
    package let id: MFAResetID
    package let userID: UserID
    /// As the audit log names who asked.
    package let requestedBy: String
    package let reason: String
    package let requestedAt: Timestamp
    /// When the last warning goes out.
    package let warningAt: Timestamp
    package let effectiveAt: Timestamp
    package var warnedAt: Timestamp?

    package static let reasonLengths = 1...500

    package init(
        id: MFAResetID, userID: UserID, requestedBy: String, reason: String, requestedAt: Timestamp,
        warningAt: Timestamp, effectiveAt: Timestamp, warnedAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.requestedBy = requestedBy
        self.reason = reason
        self.requestedAt = requestedAt
        self.warningAt = warningAt
        self.effectiveAt = effectiveAt
        self.warnedAt = warnedAt
    }
}
