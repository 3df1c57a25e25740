import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// What somebody was given, and what he has by it now.
package struct EntitlementView: Sendable, Equatable {
    package let userID: UserID
    /// Nil: nothing was ever given.
    package let entitlement: Entitlement?
    package let effective: EffectivePlan

    package init(userID: UserID, entitlement: Entitlement?, effective: EffectivePlan) {
        self.userID = userID
        self.entitlement = entitlement
        self.effective = effective
    }
}

package struct SetEntitlementCommand: Sendable {
    package let userID: UserID
    package let draft: EntitlementDraft
    package let principal: Principal

    package init(userID: UserID, draft: EntitlementDraft, principal: Principal) {
        self.userID = userID
        self.draft = draft
        self.principal = principal
    }
}

package enum SetEntitlementOutcome: Sendable, Equatable {
    case set(EntitlementView)
    case unknownUser
    /// The person may do what the caller may not.
    case permissionDenied
    case invalid(InvalidFields)
}
