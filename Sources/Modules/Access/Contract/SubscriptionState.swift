import Shared

/// What every `subscription.*` event carries of the subscription as it is now, whatever happened to it. It is the `data`
/// of those events as far as Access reads it; who publishes them may tell more.
package struct SubscriptionState: Sendable, Equatable, Codable {
    /// Who has the plan.
    package let holder: QuotaHolder
    package let plan: String
    package let since: Timestamp
    /// The first moment without it; nil for no end. One in the past: it is over.
    package let until: Timestamp?
    /// A payment is due: it gives nothing until that is settled.
    package let isPastDue: Bool
    /// Counts up with each change; an older state never overwrites a newer one.
    package let version: Int64

    package init(
        holder: QuotaHolder, plan: String, since: Timestamp, until: Timestamp?, isPastDue: Bool, version: Int64
    ) {
        self.holder = holder
        self.plan = plan
        self.since = since
        self.until = until
        self.isPastDue = isPastDue
        self.version = version
    }

    /// As the events name them, beside the holder's.
    private enum Fields: CodingKey {
        case plan, since, until, pastDue, version
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        holder = try QuotaHolder(partOf: decoder)
        plan = try fields.decode(String.self, forKey: .plan)
        since = try fields.decode(Timestamp.self, forKey: .since)
        until = try fields.decodeIfPresent(Timestamp.self, forKey: .until)
        isPastDue = try fields.decode(Bool.self, forKey: .pastDue)
        version = try fields.decode(Int64.self, forKey: .version)
    }

    package func encode(to encoder: any Encoder) throws {
        try holder.encode(asPartTo: encoder)
        var fields = encoder.container(keyedBy: Fields.self)
        try fields.encode(plan, forKey: .plan)
        try fields.encode(since, forKey: .since)
        try fields.encodeIfPresent(until, forKey: .until)
        try fields.encode(isPastDue, forKey: .pastDue)
        try fields.encode(version, forKey: .version)
    }
}
