import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// What people may use by a plan, set by hand: as long as there is no Billing, and for contracts.
package protocol ManageEntitlements: Sendable {
    /// Nil if there is no such user.
    func find(_ userID: UserID) async throws -> EntitlementView?
    /// Counts as a new version: what was told of the subscription before, and comes late, is ignored.
    func set(_ command: SetEntitlementCommand) async throws -> SetEntitlementOutcome
    /// Back to `free`, as a new version too. Without an entitlement nothing changes.
    func remove(_ userID: UserID, by principal: Principal) async throws -> SetEntitlementOutcome
}

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
