import AccessApplication
import AccessContract
import AccessDomain
import Redis
import Shared
import Synchronization

/// All that draws of one caller at one service by the same rules have in common.
final class QuotaPlan: Sendable {
    let rules: [ChargeRule]
    let parts: [DrawPart]
    let group: QuotaGroup
    /// One key of Redis each; the group's own is the first.
    let places: [QuotaPlace]
    /// The names of these keys.
    let names: [RedisCommand.Argument]
    /// Of each part the index of its place.
    let placeIndices: [Int]
    /// Of each part what it may use.
    let limits: [Int]
    /// Nil if it has no script of its own.
    let shape: QuotaShape?

    init(_ draw: Draw, _ keys: SubjectKeys, _ quotaKeys: QuotaKeys) {
        let parts = draw.parts(keys)
        let group = QuotaGroup(draw, keys)
        var places = [group.own]
        let indices = parts.map { part in
            let place = QuotaPlace(part.id)
            if let index = places.firstIndex(of: place) { return index }
            places.append(place)
            return places.count - 1
        }
        let limits = parts.map { Charge.limit(of: draw.rules[$0.rule], factor: $0.factor) }
        rules = draw.rules
        self.parts = parts
        self.group = group
        self.places = places
        names = places.map { quotaKeys.counters($0, of: group) }
        placeIndices = indices
        self.limits = limits
        shape = QuotaShape(
            parts.indices.lazy.map { index in
                QuotaShape.Part(
                    key: indices[index] + 1, unit: parts[index].id.unit.rawValue,
                    isLimited: limits[index] != Limit.unlimited, isSoft: draw.rules[parts[index].rule].isSoft)
            })
    }
}

/// The plans of those who called last; visitors' are made for each draw.
final class QuotaPlans: Sendable {
    private struct Caller: Hashable {
        let drawer: MeterSubject
        let burstSubject: MeterSubject
        let service: ServiceID
    }

    private static let plansMax = 2_048

    private let keys: SubjectKeys
    private let quotaKeys: QuotaKeys
    private let plans = Mutex<[Caller: QuotaPlan]>([:])

    init(_ keys: SubjectKeys, _ quotaKeys: QuotaKeys) {
        self.keys = keys
        self.quotaKeys = quotaKeys
    }

    func plan(of draw: Draw) -> QuotaPlan {
        guard case .known(let drawer) = draw.drawer else { return QuotaPlan(draw, keys, quotaKeys) }
        let caller = Caller(drawer: drawer, burstSubject: draw.burstSubject, service: draw.service)
        // Rules are made once, so that nearly always they are one array.
        if let known = plans.withLock({ $0[caller] }), known.rules == draw.rules { return known }
        let plan = QuotaPlan(draw, keys, quotaKeys)
        plans.withLock { plans in
            if plans.count >= Self.plansMax { plans.removeAll(keepingCapacity: true) }
            plans[caller] = plan
        }
        return plan
    }
}
