import AccessContract
import AccessDomain
import Synchronization

/// The rules of counting for plans and services, made once. Most plans come from the catalogue and have one list of
/// limits; contracts have their own.
final class RuleCache: Sendable {
    private struct Key: Hashable {
        let service: ServiceID
        let plan: PlanCode
    }

    private struct Variant {
        let limits: [Limit]
        let burst: BurstLimit?
        let rules: [ChargeRule]
    }

    private let variants = Mutex<[Key: [Variant]]>([:])

    /// Of each plan and service; beyond it contracts are made again.
    private static let variantsMax = 64
    private static let keysMax = 10_000

    func rules(_ plan: EffectivePlan, for service: RegisteredService) -> [ChargeRule] {
        let key = Key(service: service.id, plan: plan.plan)
        return variants.withLock { variants in
            // Lists that share their memory, as those of a plan do, are compared at once.
            if let known = variants[key]?.first(where: { $0.limits == plan.limits && $0.burst == plan.burst }) {
                return known.rules
            }
            let rules =
                plan.plan == .anonymous ? plan.anonymousRules(for: service.slug) : plan.rules(for: service.slug)
            if variants.count >= Self.keysMax { variants = [:] }
            var list = variants[key] ?? []
            if list.count >= Self.variantsMax { list.removeFirst() }
            list.append(Variant(limits: plan.limits, burst: plan.burst, rules: rules))
            variants[key] = list
            return rules
        }
    }

    func removeAll() { variants.withLock { $0 = [:] } }
}
