import AccountsContract
import Shared

/// An administrator believes that somebody has lost every second factor.
package struct ResetFactorsCommand: Sendable {
    package let id: UserID
    /// For the audit log, of 1 to 500 characters.
    package let reason: String
    package let actor: Principal

    package init(id: UserID, reason: String, actor: Principal) {
        self.id = id
        self.reason = reason
        self.actor = actor
    }
}

package enum ResetFactorsOutcome: Sendable, Equatable {
    /// Also if one waited already, which goes on.
    case waiting(effectiveAt: Timestamp)
    case unknown
    /// The user may do more than the caller.
    case permissionDenied
    /// Nobody does it for oneself.
    case ownAccount
    /// There is nothing to remove.
    case noFactor
    /// The caller has not used a second factor.
    case stepUpNeeded(StepUpDemand)
}

package enum StopFactorResetOutcome: Sendable, Equatable {
    case stopped
    case refused(LinkRefusal)
}
