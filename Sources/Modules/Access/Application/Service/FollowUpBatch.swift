import AccessContract
import AccessDomain
import Shared

/// What decisions left to be done and what is not done yet. Bounded: of each kind there is room for so many, and what
/// does not fit is dropped and counted.
package struct FollowUpBatch: Sendable {
    /// Equal refusals become one line of the audit log with a count.
    package struct RefusedCaller: Sendable, Hashable {
        package let reason: DenialReason
        package let user: Identifier?
        package let serviceAccount: ServiceAccountID?
        package let service: ServiceSlug?
        /// Of bounded variety: see `NetworkAddress.strangersKey`. Nil for those that came too many.
        package let network: String?

        /// Those that came too many, of one reason.
        package static func crowd(_ reason: DenialReason) -> RefusedCaller {
            RefusedCaller(reason: reason, user: nil, serviceAccount: nil, service: nil, network: nil)
        }
    }

    package struct RefusalCount: Sendable, Equatable {
        package private(set) var count = 0
        /// The first ones, by which the line can be found.
        package private(set) var decisions: [DecisionID] = []
        /// Where the first one came from.
        package let address: NetworkAddress?

        init(from address: NetworkAddress?) { self.address = address }

        mutating func add(_ decision: DecisionID) {
            count += 1
            if decisions.count < AuditEntry.referencesMax { decisions.append(decision) }
        }

        /// - Parameter earlier: what was counted before.
        mutating func add(_ earlier: RefusalCount) {
            count += earlier.count
            decisions = Array((earlier.decisions + decisions).prefix(AuditEntry.referencesMax))
        }
    }

    /// To be published.
    package enum QuotaEvent: Sendable {
        case thresholdReached(QuotaThresholdReached)
        case exhausted(QuotaExhausted)
    }

    /// How many of each kind there may be.
    package static let kindMax = 1_024
    /// How many days of keys there may be, since what a key used is counted by nothing else.
    package static let costsMax = 65_536

    package private(set) var refusals: [RefusedCaller: RefusalCount] = [:]
    package private(set) var events: [QuotaEvent] = []
    /// When each key was used last.
    package private(set) var uses: [APIKeyID: Timestamp] = [:]
    package private(set) var merges: [DeviceMerge] = []
    /// What was counted by each key.
    package private(set) var costs: [KeyUse.Place: Int] = [:]
    /// How many events, uses and counts of keys had no room.
    package private(set) var dropped = 0

    package init() {}

    /// Whether there is something for the store, beside what is for the meter.
    package var hasWrites: Bool { !refusals.isEmpty || !events.isEmpty || !uses.isEmpty }

    /// Notes a refusal; one that allows is none.
    package mutating func add(_ decision: Decision, _ service: ServiceSlug?, from address: NetworkAddress) {
        guard let reason = decision.denial else { return }
        let caller = RefusedCaller(
            reason: reason, user: decision.caller?.userID, serviceAccount: decision.caller?.serviceAccountID,
            service: service, network: address.strangersKey)
        if refusals.count < Self.kindMax || refusals[caller] != nil {
            refusals[caller, default: RefusalCount(from: address)].add(decision.id)
        } else {
            refusals[.crowd(reason), default: RefusalCount(from: nil)].add(decision.id)
        }
    }

    package mutating func add(
        _ news: DrawOutcome.News, of holder: QuotaHolder, plan: PlanCode, _ service: ServiceSlug
    ) {
        guard events.count < Self.kindMax else {
            dropped += 1
            return
        }
        events.append(QuotaEvent(news, of: holder, plan: plan, service))
    }

    package mutating func add(useOf key: APIKeyID, at now: Timestamp) {
        guard uses.count < Self.kindMax || uses[key] != nil else {
            dropped += 1
            return
        }
        uses[key] = now
    }

    package mutating func add(_ cost: Int, of key: APIKeyID, at now: Timestamp) {
        guard cost > 0 else { return }
        let place = KeyUse.Place(key, at: now)
        guard costs.count < Self.costsMax || costs[place] != nil else {
            dropped += 1
            return
        }
        costs[place, default: 0] += cost
    }

    /// - Returns: false if there is no room.
    package mutating func add(_ merge: DeviceMerge) -> Bool {
        guard merges.count < Self.kindMax else { return false }
        merges.append(merge)
        return true
    }

    /// The store has it.
    mutating func forgetWrites() {
        refusals = [:]
        events = []
        uses = [:]
    }

    /// The store has what these keys used.
    mutating func forgetCosts(_ places: some Sequence<KeyUse.Place>) {
        for place in places { costs[place] = nil }
    }

    /// The meter has the first of them.
    mutating func forgetMerges(_ count: Int) { merges.removeFirst(count) }

    /// Nobody hears twice of what was dropped.
    package mutating func forgetDropped() { dropped = 0 }

    /// Adds what could not be done before this was noted.
    package mutating func add(_ earlier: FollowUpBatch) {
        for (caller, refusal) in earlier.refusals {
            if refusals.count < Self.kindMax || refusals[caller] != nil {
                refusals[caller, default: RefusalCount(from: refusal.address)].add(refusal)
            } else {
                dropped += 1
            }
        }
        let all = earlier.events + events
        dropped += max(0, all.count - Self.kindMax)
        events = Array(all.prefix(Self.kindMax))
        uses.merge(earlier.uses) { newer, _ in newer }
        for (place, cost) in earlier.costs {
            if costs.count < Self.costsMax || costs[place] != nil {
                costs[place, default: 0] += cost
            } else {
                dropped += 1
            }
        }
        merges = Array((earlier.merges + merges).prefix(Self.kindMax))
    }
}

extension FollowUpBatch.QuotaEvent {
    init(_ news: DrawOutcome.News, of holder: QuotaHolder, plan: PlanCode, _ service: ServiceSlug) {
        let limit = news.limit
        let quota = QuotaState(
            plan: plan.text, policy: limit.policy, service: news.isGlobal ? nil : service.text, limit: limit.limit,
            used: limit.used, windowStart: limit.window.start, windowEnd: limit.window.end)
        self =
            switch news.kind {
            case .thresholdReached: .thresholdReached(QuotaThresholdReached(holder: holder, quota: quota))
            case .exhausted: .exhausted(QuotaExhausted(holder: holder, quota: quota))
            }
    }
}
