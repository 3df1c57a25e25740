import AccessContract
import AccessDomain
import Shared

/// Keeps Access's own copy of what subscriptions give.
package struct FollowSubscriptionService: Sendable {
    private let work: any AccessWork
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    package init(work: any AccessWork, clock: any WallClock, identifiers: any IdentifierSource) {
        self.work = work
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Late and repeated events change nothing.
    package func callAsFunction(_ state: SubscriptionState, eventID: Identifier) async throws {
        guard let plan = PlanCode(state.plan) else { throw InternalFailure("a subscription's plan is none") }
        let now = clock.now
        let id: EntitlementID = identifiers.next()
        let change = EntitlementChange(
            subject: state.holder.subject,
            grant: EntitlementGrant(
                plan: plan, since: state.since, until: state.until, isPastDue: state.isPastDue),
            version: state.version)
        try await work.write { context in
            guard try context.accept(eventID: eventID, at: now) else { return }
            let current = try context.entitlements.lock(change.subject)
            guard case .applied(let entitlement) = change.applied(to: current, id: id, at: now) else { return }
            try context.entitlements.save(entitlement)
            try context.changed(.user(state.holder.identifier), at: now)
            try context.audit(.done("entitlement.changed", by: "system", on: change.subject.auditName))
        }
    }
}

extension QuotaHolder {
    fileprivate var subject: EntitlementSubject {
        switch self {
        case .user(let id): .user(id)
        case .tenant(let id): .tenant(id)
        case .serviceAccount(let id): .serviceAccount(id)
        }
    }
}
