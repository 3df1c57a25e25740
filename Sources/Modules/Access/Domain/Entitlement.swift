import AccessContract
import Shared

/// Who has a plan: a person, a tenant for all its members, or a service account.
package enum EntitlementSubject: Sendable, Hashable {
    case user(Identifier)
    case tenant(TenantID)
    case serviceAccount(ServiceAccountID)

    package var identifier: Identifier {
        switch self {
        case .user(let user): user
        case .tenant(let tenant): tenant.value
        case .serviceAccount(let account): account.value
        }
    }

    /// As the audit log names it: `user:<id>`.
    package var auditName: String {
        switch self {
        case .user(let user): "user:\(user)"
        case .tenant(let tenant): "tenant:\(tenant)"
        case .serviceAccount(let account): "service_account:\(account)"
        }
    }
}

/// What somebody may use, as it was last told: Access's own copy, whoever decides on it.
package struct Entitlement: Sendable, Equatable {
    package let id: EntitlementID
    package let subject: EntitlementSubject
    package var grant: EntitlementGrant
    /// Counts up with each change of the subscription; an older one never overwrites a newer.
    package var version: Int64
    package var updatedAt: Timestamp

    package init(
        id: EntitlementID, subject: EntitlementSubject, grant: EntitlementGrant, version: Int64, updatedAt: Timestamp
    ) {
        self.id = id
        self.subject = subject
        self.grant = grant
        self.version = version
        self.updatedAt = updatedAt
    }
}

extension Entitlement {
    /// The same without the limits of a service that is gone.
    package func forgetting(_ slug: ServiceSlug, at now: Timestamp) -> Entitlement {
        var next = self
        next.grant = EntitlementGrant(
            plan: grant.plan, limits: grant.limits.map { limits in limits.filter { $0.scope != .service(slug) } },
            since: grant.since, until: grant.until, isPastDue: grant.isPastDue)
        next.updatedAt = now
        return next
    }
}

/// A plan for a time.
package struct EntitlementGrant: Sendable, Equatable {
    package let plan: PlanCode
    /// What the contract says; nil for what the plan says.
    package let limits: [Limit]?
    package let since: Timestamp
    /// The first moment without it; nil for no end.
    package let until: Timestamp?
    /// A payment is due: it gives nothing until that is settled.
    package let isPastDue: Bool

    package init(
        plan: PlanCode, limits: [Limit]? = nil, since: Timestamp, until: Timestamp? = nil, isPastDue: Bool = false
    ) {
        self.plan = plan
        self.limits = limits
        self.since = since
        self.until = until
        self.isPastDue = isPastDue
    }

    package func isRunning(at now: Timestamp) -> Bool { since <= now && until.map { now < $0 } ?? true }
}

/// That a subject's plan is another one now: what a subscription's event or an administrator says.
package struct EntitlementChange: Sendable, Equatable {
    package let subject: EntitlementSubject
    package let grant: EntitlementGrant
    package let version: Int64

    package init(subject: EntitlementSubject, grant: EntitlementGrant, version: Int64) {
        self.subject = subject
        self.grant = grant
        self.version = version
    }

    package enum Outcome: Sendable, Equatable {
        case applied(Entitlement)
        /// It was applied before: events come more than once.
        case repeated
        /// A newer one was applied before: events come late.
        case outdated
    }

    /// - Parameters:
    ///   - current: what the subject has; nil for nothing yet.
    ///   - id: for a new entitlement.
    package func applied(to current: Entitlement?, id: EntitlementID, at now: Timestamp) -> Outcome {
        guard var next = current else {
            return .applied(
                Entitlement(id: id, subject: subject, grant: grant, version: version, updatedAt: now))
        }
        if version < next.version { return .outdated }
        if version == next.version { return .repeated }
        next.grant = grant
        next.version = version
        next.updatedAt = now
        return .applied(next)
    }
}

/// What somebody may use now.
package struct EffectivePlan: Sendable, Equatable {
    package let plan: PlanCode
    package let limits: [Limit]
    package let burst: BurstLimit?
    /// Of the entitlement; 0 for none.
    package let version: Int64
    /// A better plan was refused because its payment is due.
    package let isPaymentDue: Bool
    /// When to ask again: the entitlement begins or ends then; nil for not before it changes.
    package let validUntil: Timestamp?

    /// Without an entitlement that runs, it is `free`. So is one for a plan that nobody knows, unless it brings its
    /// own limits.
    package init(_ entitlement: Entitlement?, catalog: PlanCatalog, at now: Timestamp) {
        let grant = entitlement?.grant
        version = entitlement?.version ?? 0
        validUntil = grant.flatMap { now < $0.since ? $0.since : $0.until }.flatMap { now < $0 ? $0 : nil }
        let isRunning = grant?.isRunning(at: now) ?? false
        isPaymentDue = isRunning && grant?.isPastDue == true
        let known = grant.flatMap { catalog[$0.plan] }
        guard let grant, isRunning, !isPaymentDue, grant.limits != nil || known != nil else {
            plan = catalog.free.code
            limits = catalog.free.limits
            burst = catalog.free.burst
            return
        }
        plan = grant.plan
        limits = grant.limits ?? known?.limits ?? []
        burst = known?.burst
    }

    /// What nobody signed in has.
    package init(anonymousIn catalog: PlanCatalog) {
        let anonymous = catalog.anonymous
        plan = anonymous.code
        limits = anonymous.limits
        burst = anonymous.burst
        version = 0
        isPaymentDue = false
        validUntil = nil
    }

    /// Whether a service may be used at all: it is open to the plan, or the contract names it.
    package func includes(_ service: RegisteredService) -> Bool {
        service.isOpen(to: plan) || limits.contains { $0.scope == .service(service.slug) }
    }
}
