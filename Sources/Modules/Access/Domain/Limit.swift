/// How much may be used in a window of time. Limits are data: a plan or a contract lists them.
package struct Limit: Sendable, Hashable {
    package enum Scope: Sendable, Hashable {
        /// Over all services together.
        case global
        /// For each service by itself.
        case eachService
        /// For one service; it goes before a limit for each.
        case service(ServiceSlug)
    }

    /// What happens beyond the amount.
    package enum Enforcement: String, Sendable, Hashable {
        /// Refused.
        case hard
        /// Allowed, and said.
        case soft
    }

    /// What a crash may give back.
    package enum Durability: String, Sendable, Hashable {
        /// The last 50 ms of counts.
        case fast
        /// Nothing: durable before the answer.
        case strict
    }

    /// No amount: use is counted, nothing is refused.
    package static let unlimited = Int.max
    package static let amounts: ClosedRange<Int> = 0...1_000_000_000_000

    /// 0 to 10^12, or `unlimited`.
    package let amount: Int
    package let unit: WindowUnit
    package let scope: Scope
    package let enforcement: Enforcement
    package let durability: Durability

    package init(
        _ amount: Int, per unit: WindowUnit, scope: Scope, enforcement: Enforcement = .hard,
        durability: Durability = .fast
    ) {
        self.amount =
            amount == Self.unlimited ? amount : min(max(amount, Self.amounts.lowerBound), Self.amounts.upperBound)
        self.unit = unit
        self.scope = scope
        self.enforcement = enforcement
        self.durability = durability
    }

    /// Its name in `RateLimit-Policy`: `day`, `service-day`, `cvmaker-day`.
    package var policy: String {
        switch scope {
        case .global: unit.rawValue
        case .eachService: "service-\(unit.rawValue)"
        case .service(let slug): "\(slug.text)-\(unit.rawValue)"
        }
    }
}
