import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// What somebody was given, and what they have by it now.
package struct EntitlementView: Sendable, Equatable {
    package let subject: EntitlementSubject
    /// Nil: nothing was ever given.
    package let entitlement: Entitlement?
    package let effective: EffectivePlan

    package init(subject: EntitlementSubject, entitlement: Entitlement?, effective: EffectivePlan) {
        self.subject = subject
        self.entitlement = entitlement
        self.effective = effective
    }
}

package struct SetEntitlementCommand: Sendable {
    package let subject: EntitlementSubject
    package let draft: EntitlementDraft
    package let principal: Principal

    package init(subject: EntitlementSubject, draft: EntitlementDraft, principal: Principal) {
        self.subject = subject
        self.draft = draft
        self.principal = principal
    }
}

package enum SetEntitlementOutcome: Sendable, Equatable {
    case set(EntitlementView)
    case unknownSubject
    /// The subject may do what the caller may not.
    case permissionDenied
    case invalid(InvalidFields)
}
