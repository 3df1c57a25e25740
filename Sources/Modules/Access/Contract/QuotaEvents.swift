import Shared

/// Of whose quota an event tells. Nobody who is not signed in is named in an event.
package enum QuotaHolder: Hashable, Sendable {
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

extension QuotaHolder {
    /// As events name it; one of them is there.
    fileprivate enum Fields: CodingKey {
        case userID, tenantID, serviceAccountID
    }

    /// Reads it out of an event's data, of which it is a part.
    init(partOf decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        let user = try fields.decodeIfPresent(Identifier.self, forKey: .userID)
        let tenant = try fields.decodeIfPresent(TenantID.self, forKey: .tenantID)
        let account = try fields.decodeIfPresent(ServiceAccountID.self, forKey: .serviceAccountID)
        let holder: QuotaHolder? =
            user.map { .user($0) } ?? tenant.map { .tenant($0) } ?? account.map { .serviceAccount($0) }
        guard let holder else {
            throw DecodingError.dataCorruptedError(
                forKey: .userID, in: fields, debugDescription: "neither a user, a tenant nor a service account")
        }
        self = holder
    }

    func encode(asPartTo encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Fields.self)
        switch self {
        case .user(let user): try fields.encode(user, forKey: .userID)
        case .tenant(let tenant): try fields.encode(tenant, forKey: .tenantID)
        case .serviceAccount(let account): try fields.encode(account, forKey: .serviceAccountID)
        }
    }
}

/// An event about somebody's quota: `{"user_id", "tenant_id" or "service_account_id", "quota": {...}}`.
package protocol QuotaEvent: AccessEvent {
    var holder: QuotaHolder { get }
    var quota: QuotaState { get }
    init(holder: QuotaHolder, quota: QuotaState)
}

extension QuotaEvent {
    package var subject: Identifier { holder.identifier }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: QuotaFields.self)
        // The holder last: a schema is read off the code, and reading may end at it.
        let quota = try fields.decode(QuotaState.self, forKey: .quota)
        self.init(holder: try QuotaHolder(partOf: decoder), quota: quota)
    }

    package func encode(to encoder: any Encoder) throws {
        try holder.encode(asPartTo: encoder)
        var fields = encoder.container(keyedBy: QuotaFields.self)
        try fields.encode(quota, forKey: .quota)
    }
}

/// Beside the holder's.
private enum QuotaFields: CodingKey {
    case quota
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
