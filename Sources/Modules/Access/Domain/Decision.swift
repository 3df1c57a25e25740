import AccessContract
import Shared

/// Why the gate stays closed.
package enum DenialReason: String, Sendable, CaseIterable {
    case missingCredential = "missing_credential"
    case invalidCredential = "invalid_credential"
    case accountBlocked = "account_blocked"
    case permissionDenied = "permission_denied"
    case routeUnknown = "route_unknown"
    case serviceUnknown = "service_unknown"
    case notInPlan = "not_in_plan"
    case paymentDue = "payment_due"
    case quotaExhausted = "quota_exhausted"
    case rateLimited = "rate_limited"
    case ambiguousRequest = "ambiguous_request"
    /// What a gateway hands over is longer than any path that is decided about.
    case pathTooLong = "path_too_long"
    case untrustedGateway = "untrusted_gateway"
    /// A session cookie, sent along with a request that a page of another origin made.
    case originNotAllowed = "origin_not_allowed"

    /// For a draw that was refused.
    ///
    /// - Parameter charge: the one that `ChargeOutcome.binding` tells.
    package init(refusing charge: Charge) { self = charge.isBurst ? .rateLimited : .quotaExhausted }

    /// The HTTP status: 401, 402, 403 or 429.
    package var status: Int {
        switch self {
        case .missingCredential, .invalidCredential: 401
        case .paymentDue: 402
        case .accountBlocked, .permissionDenied, .routeUnknown, .serviceUnknown, .notInPlan, .ambiguousRequest,
            .pathTooLong, .untrustedGateway, .originNotAllowed:
            403
        case .quotaExhausted, .rateLimited: 429
        }
    }
}

/// Who asks to pass.
package struct Caller: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case anonymous
        case user
        case key
        case serviceAccount = "service_account"
    }

    package let kind: Kind
    /// The user, or the service account. One place for both: a decision is copied often.
    private let account: Identifier?
    package let tenantID: TenantID?
    package let roles: [String]
    package let plan: PlanCode

    package static let anonymous = Caller(kind: .anonymous, plan: .anonymous)

    package init(
        kind: Kind, userID: Identifier? = nil, tenantID: TenantID? = nil, roles: [String] = [], plan: PlanCode
    ) {
        self.kind = kind
        account = userID
        self.tenantID = tenantID
        self.roles = roles
        self.plan = plan
    }

    /// Without roles: a service that reads them would give a key what its scopes do not.
    package init(serviceAccount id: ServiceAccountID, plan: PlanCode) {
        self.init(kind: .serviceAccount, userID: id.value, plan: plan)
    }

    /// Nil for nobody, and for a service account.
    package var userID: Identifier? { kind == .serviceAccount ? nil : account }

    package var serviceAccountID: ServiceAccountID? {
        kind == .serviceAccount ? account.map { ServiceAccountID($0) } : nil
    }

    /// Whether it is a program with a key, which opens what the key lists.
    package var isProgram: Bool { kind == .key || kind == .serviceAccount }
}

/// The limit that a caller meets first.
package struct BindingLimit: Sendable, Equatable {
    package let policy: String
    package let limit: Int
    package let used: Int
    package let window: TimeWindow

    package init(policy: String, limit: Int, used: Int, window: TimeWindow) {
        self.policy = policy
        self.limit = limit
        self.used = used
        self.window = window
    }

    /// - Parameter charge: after the draw.
    package init(policy: String, charge: Charge) {
        self.init(
            policy: policy, limit: charge.limit, used: charge.counter.taken, window: charge.counter.window)
    }

    package var remaining: Int { max(0, limit - used) }
    package var reset: Timestamp { window.end }
}

/// The gate's answer to one request.
package struct Decision: Sendable, Equatable {
    package let id: DecisionID
    /// Nil: allowed.
    package let denial: DenialReason?
    /// Nil if it was not found out.
    package let caller: Caller?
    /// Nil if nothing is limited, or it did not come to that.
    package let binding: BindingLimit?
    /// Beyond a soft limit.
    package let exceedsSoftLimit: Bool
    /// The counters were not reachable, and the last known values decided.
    package let isDegraded: Bool
    package let decidedAt: Timestamp

    package init(
        id: DecisionID, denial: DenialReason?, caller: Caller?, binding: BindingLimit? = nil,
        exceedsSoftLimit: Bool = false, isDegraded: Bool = false, decidedAt: Timestamp
    ) {
        self.id = id
        self.denial = denial
        self.caller = caller
        self.binding = binding
        self.exceedsSoftLimit = exceedsSoftLimit
        self.isDegraded = isDegraded
        self.decidedAt = decidedAt
    }

    package var isAllowed: Bool { denial == nil }

    /// 200, 401, 402, 403 or 429.
    package var status: Int { denial?.status ?? 200 }

    /// `Retry-After`: until the window that refused ends, in seconds, at least 1; nil if waiting does not help.
    package var retryAfter: Int? {
        guard let denial, denial.status == 429, let binding else { return nil }
        return max(1, binding.window.secondsLeft(at: decidedAt))
    }
}
