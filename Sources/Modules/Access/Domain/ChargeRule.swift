/// One counter that a request draws from, and up to where.
package struct ChargeRule: Sendable, Hashable {
    /// Which of a subject's counters.
    package enum Meter: Sendable, Hashable {
        case global
        case service
        /// Of one caller at one service.
        case burst
    }

    package let meter: Meter
    package let unit: WindowUnit
    /// `Limit.unlimited`: only counted.
    package let limit: Int
    package let isSoft: Bool
    package let isStrict: Bool
    /// Its name in `RateLimit-Policy`.
    package let policy: String

    package init(
        meter: Meter, unit: WindowUnit, limit: Int = Limit.unlimited, isSoft: Bool = false, isStrict: Bool = false,
        policy: String = ""
    ) {
        self.meter = meter
        self.unit = unit
        self.limit = limit
        self.isSoft = isSoft
        self.isStrict = isStrict
        self.policy = policy
    }

    package var isLimited: Bool { limit != Limit.unlimited }
}

extension EffectivePlan {
    /// What a request to a service is counted by: the limits that concern it, and the day and the month, global and
    /// of the service, whether limited or not, so that a change of plan neither resets nor loses a count.
    ///
    /// To be made once for a plan and a service, and kept.
    package func rules(for service: ServiceSlug) -> [ChargeRule] {
        var rules: [ChargeRule] = []
        for (meter, unit) in [(.global, .day), (.global, .month), (.service, .day), (.service, .month)]
            as [(ChargeRule.Meter, WindowUnit)]
        {
            rules.append(rule(meter, unit, service) ?? ChargeRule(meter: meter, unit: unit))
        }
        for unit in [WindowUnit.second, .minute] {
            rules += [rule(.global, unit, service), rule(.service, unit, service)].compactMap { $0 }
        }
        return rules + burstRules
    }

    /// The same for nobody signed in: by service only, and nothing that no limit asks for. A rule of the service holds
    /// for each share of the caller, times its factor; the burst for his network alone.
    package func anonymousRules(for service: ServiceSlug) -> [ChargeRule] {
        WindowUnit.allCases.compactMap { rule(.service, $0, service) }.filter(\.isLimited) + burstRules
    }

    /// How much of a counter may be used, whether hard or soft; nil if it is not limited.
    ///
    /// - Parameter service: nil for all services together.
    package func amount(per unit: WindowUnit, of service: ServiceSlug?) -> Int? {
        rule(service == nil ? .global : .service, unit, service).flatMap { $0.isLimited ? $0.limit : nil }
    }

    private var burstRules: [ChargeRule] {
        burst.map { [ChargeRule(meter: .burst, unit: $0.unit, limit: $0.requests, policy: BurstLimit.policy)] } ?? []
    }

    /// Of several limits for one counter the smallest hard one holds, else the smallest soft one.
    private func rule(_ meter: ChargeRule.Meter, _ unit: WindowUnit, _ service: ServiceSlug?) -> ChargeRule? {
        let ofUnit = limits.filter { $0.unit == unit }
        let candidates: [Limit]
        if meter == .global {
            candidates = ofUnit.filter { $0.scope == .global }
        } else {
            let own = ofUnit.filter { limit in service.map { limit.scope == .service($0) } ?? false }
            candidates = own.isEmpty ? ofUnit.filter { $0.scope == .eachService } : own
        }
        let hard = candidates.filter { $0.enforcement == .hard }
        guard let limit = (hard.isEmpty ? candidates : hard).min(by: { $0.amount < $1.amount }) else { return nil }
        return ChargeRule(
            meter: meter, unit: unit, limit: limit.amount, isSoft: limit.enforcement == .soft,
            isStrict: candidates.contains { $0.durability == .strict }, policy: limit.policy)
    }
}
