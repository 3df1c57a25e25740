import Shared

/// Of whose quota an event tells. Nobody who is not signed in is named in an event.
package enum QuotaHolder: Hashable, Sendable {
    case user(Identifier)
    case tenant(TenantID)

    package var identifier: Identifier {
        switch self {
        case .user(let user): user
        case .tenant(let tenant): tenant.value
        }
    }
}

/// One limit and how much of it is used.
package struct QuotaState: Sendable, Equatable, Codable {
    package let plan: String
    /// The limit's name, as `RateLimit-Policy` has it.
    package let policy: String
    /// Nil if the limit is over all services.
    package let service: String?
    package let limit: Int
    package let used: Int
    package let windowStart: Timestamp
    package let windowEnd: Timestamp

    package init(
        plan: String, policy: String, service: String?, limit: Int, used: Int, windowStart: Timestamp,
        windowEnd: Timestamp
    ) {
        self.plan = plan
        self.policy = policy
        self.service = service
        self.limit = limit
        self.used = used
        self.windowStart = windowStart
        self.windowEnd = windowEnd
    }
}

/// An event about somebody's quota: `{"user_id" or "tenant_id", "quota": {...}}`.
package protocol QuotaEvent: AccessEvent {
    var holder: QuotaHolder { get }
    var quota: QuotaState { get }
    init(holder: QuotaHolder, quota: QuotaState)
}

extension QuotaEvent {
    package var subject: Identifier { holder.identifier }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: QuotaFields.self)
        let holder: QuotaHolder
        if let user = try fields.decodeIfPresent(Identifier.self, forKey: .userID) {
            holder = .user(user)
        } else {
            holder = .tenant(try fields.decode(TenantID.self, forKey: .tenantID))
        }
        self.init(holder: holder, quota: try fields.decode(QuotaState.self, forKey: .quota))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: QuotaFields.self)
        switch holder {
        case .user(let user): try fields.encode(user, forKey: .userID)
        case .tenant(let tenant): try fields.encode(tenant, forKey: .tenantID)
        }
        try fields.encode(quota, forKey: .quota)
    }
}

/// One of the first two is there.
private enum QuotaFields: CodingKey {
    case userID, tenantID, quota
}

/// Nothing is left until the window ends. Once per window and limit.
package struct QuotaExhausted: QuotaEvent {
    package static let type = "quota.exhausted"
    package let holder: QuotaHolder
    package let quota: QuotaState

    package init(holder: QuotaHolder, quota: QuotaState) {
        self.holder = holder
        self.quota = quota
    }
}

/// 80 % are used. Once per window and limit.
package struct QuotaThresholdReached: QuotaEvent {
    package static let type = "quota.threshold_reached"
    package let holder: QuotaHolder
    package let quota: QuotaState

    package init(holder: QuotaHolder, quota: QuotaState) {
        self.holder = holder
        self.quota = quota
    }
}
