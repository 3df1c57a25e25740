import AccessApplication
import AccessDomain

extension Draw {
    /// What is counted in the database, and what in Redis.
    var byDurability: (strict: Draw, fast: Draw) {
        (counted(by: rules.filter(\.isStrict)), counted(by: rules.filter { !$0.isStrict }))
    }

    private func counted(by rules: [ChargeRule]) -> Draw {
        Draw(
            drawer: drawer, burstSubject: burstSubject, service: service, rules: rules, cost: cost, version: version,
            insists: insists)
    }
}

extension DrawOutcome {
    /// Of a draw that both stores let pass.
    func joined(_ other: DrawOutcome) -> DrawOutcome {
        DrawOutcome(
            isAllowed: isAllowed && other.isAllowed, binding: Self.tighter(binding, other.binding),
            exceedsSoftLimit: exceedsSoftLimit || other.exceedsSoftLimit,
            // Where nothing else is limited, nothing was decided by last known values.
            isDegraded: isDegraded || other.isDegraded && other.binding != nil,
            isRepetition: isRepetition || other.isRepetition, isOutdated: other.isOutdated, news: news + other.news)
    }

    private static func tighter(_ one: BindingLimit?, _ other: BindingLimit?) -> BindingLimit? {
        guard let one, let other else { return one ?? other }
        if one.remaining != other.remaining { return one.remaining < other.remaining ? one : other }
        return one.window.end >= other.window.end ? one : other
    }
}

extension QuotaDraw {
    func outcome(_ outcome: ChargeOutcome, _ charges: [Charge], tellsNews: Bool = true) -> DrawOutcome {
        DrawOutcome(outcome, charges, tellsNews: tellsNews) { draw.rules[parts[$0].rule] }
    }

    /// What is left, for a request that was counted before.
    func repetition(_ charges: [Charge]) -> DrawOutcome {
        let kept = charges.indices.filter { !charges[$0].isBurst }
        var free = kept.map {
            Charge(counter: charges[$0].counter, rule: draw.rules[parts[$0].rule], cost: 0, factor: parts[$0].factor)
        }
        let outcome = free.take()
        return DrawOutcome(outcome, free, tellsNews: false) { draw.rules[parts[kept[$0]].rule] }.repeated
    }
}
