import AccessApplication
import AccessContract
import AccessDomain

/// From which counters a draw takes: for each share of the drawer those of the rules, then the bursts.
extension Draw {
    /// 1, or up to 4 for nobody signed in.
    var shareCount: Int {
        switch drawer {
        case .known: 1
        case .anonymous(let caller, _): caller.shareCount
        }
    }

    /// - Parameter index: 0 to below `shareCount`.
    func share(_ index: Int) -> (subject: MeterSubject, factor: Int) {
        switch drawer {
        case .known(let subject): return (subject, 1)
        case .anonymous(let caller, let perPrefix):
            let share = caller.share(index, perPrefix: perPrefix)
            return (share.subject, share.factor)
        }
    }

    /// Whose reservation it would be.
    var holder: MeterSubject {
        switch drawer {
        case .known(let subject): subject
        case .anonymous(let caller, _): caller.network
        }
    }

    /// Where a rule counts; nil for all services together.
    func service(of rule: ChargeRule) -> ServiceID? {
        if case .global = rule.meter { nil } else { service }
    }

    var isStrict: Bool {
        for index in rules.indices where rules[index].isStrict { return true }
        return false
    }
}

extension ChargeRule {
    var isBurst: Bool {
        if case .burst = meter { true } else { false }
    }
}

extension DrawOutcome {
    /// - Parameters:
    ///   - charges: after the draw.
    ///   - tellsNews: false for a question that changes nothing.
    ///   - rule: of a charge's index.
    init(_ outcome: ChargeOutcome, _ charges: [Charge], tellsNews: Bool = true, rule: (Int) -> ChargeRule) {
        var news: [News] = []
        if tellsNews {
            for index in charges.indices {
                guard let kind = charges[index].news else { continue }
                let rule = rule(index)
                news.append(
                    News(
                        kind: kind, limit: BindingLimit(policy: rule.policy, charge: charges[index]),
                        isGlobal: rule.meter == .global))
            }
        }
        self.init(
            isAllowed: outcome.isAllowed,
            binding: outcome.binding.map { BindingLimit(policy: rule($0).policy, charge: charges[$0]) },
            isBurst: !outcome.isAllowed && (outcome.binding.map { charges[$0].isBurst } ?? false),
            exceedsSoftLimit: outcome.exceedsSoftLimit, news: news)
    }
}
