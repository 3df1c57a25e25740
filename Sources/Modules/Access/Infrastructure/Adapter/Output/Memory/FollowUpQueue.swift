import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization

/// What waits to be done, until a service does it: all in one unit of work.
final class FollowUpQueue: FollowUps {
    /// Equal ones become one line with a count.
    fileprivate struct RefusedCaller: Hashable {
        let reason: DenialReason
        let actor: Identifier?
        let service: ServiceSlug?
        /// Of bounded variety: see `NetworkAddress.strangersKey`. Nil for those that came too many.
        let network: String?
    }

    private struct RefusalCount {
        private(set) var count = 0
        /// The first ones, by which the line can be found.
        private(set) var decisions: [DecisionID] = []
        /// Where the first one came from.
        let address: NetworkAddress?

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

    private enum News: Sendable {
        case thresholdReached(QuotaThresholdReached)
        case exhausted(QuotaExhausted)
    }

    private struct Batch {
        var refusals: [RefusedCaller: RefusalCount] = [:]
        var news: [News] = []
        var uses: [APIKeyID: Timestamp] = [:]
        var merges: [DeviceMerge] = []

        var hasWrites: Bool { !refusals.isEmpty || !news.isEmpty || !uses.isEmpty }
    }

    private struct State {
        var batch = Batch()
        var dropped = 0
        /// Of this day: what was merged or is about to be.
        var merged: Set<DeviceMerge> = []
    }

    private let state = Mutex(State())
    private let work: any AccessWork
    private let meter: any Meter
    private let clock: any WallClock
    private let logger: Logger

    private static let kindMax = 1_024
    private static let mergedMax = 50_000

    init(work: any AccessWork, meter: any Meter, clock: any WallClock, logger: Logger) {
        self.work = work
        self.meter = meter
        self.clock = clock
        self.logger = logger
    }

    func noteRefusal(_ decision: Decision, _ service: ServiceSlug?, from address: NetworkAddress) {
        guard let reason = decision.denial else { return }
        let caller = RefusedCaller(
            reason: reason, actor: decision.caller?.userID, service: service, network: address.strangersKey)
        state.withLock { state in
            let key: RefusedCaller
            if state.batch.refusals.count < Self.kindMax || state.batch.refusals[caller] != nil {
                key = caller
            } else {
                key = RefusedCaller(reason: reason, actor: nil, service: nil, network: nil)
            }
            let first = RefusalCount(from: key.network == nil ? nil : address)
            state.batch.refusals[key, default: first].add(decision.id)
        }
    }

    func noteNews(_ news: [DrawOutcome.News], of holder: QuotaHolder, plan: PlanCode, _ service: ServiceSlug) {
        for one in news {
            let limit = one.limit
            let quota = QuotaState(
                plan: plan.text, policy: limit.policy, service: one.isGlobal ? nil : service.text, limit: limit.limit,
                used: limit.used, windowStart: limit.window.start, windowEnd: limit.window.end)
            let event: News =
                switch one.kind {
                case .thresholdReached: .thresholdReached(QuotaThresholdReached(holder: holder, quota: quota))
                case .exhausted: .exhausted(QuotaExhausted(holder: holder, quota: quota))
                }
            state.withLock { state in
                if state.batch.news.count < Self.kindMax { state.batch.news.append(event) } else { state.dropped += 1 }
            }
        }
    }

    func noteUse(of key: APIKeyID, at now: Timestamp) {
        state.withLock { state in
            if state.batch.uses.count < Self.kindMax || state.batch.uses[key] != nil {
                state.batch.uses[key] = now
            } else {
                state.dropped += 1
            }
        }
    }

    func noteDevice(_ device: Identifier, of user: Identifier, at now: Timestamp) {
        let merge = DeviceMerge(device: device, user: user, at: now)
        state.withLock { state in
            guard !state.merged.contains(merge) else { return }
            // The meter merges once, whatever is forgotten here.
            if state.merged.count >= Self.mergedMax || state.merged.first.map({ $0.day != merge.day }) == true {
                state.merged = []
            }
            guard state.batch.merges.count < Self.kindMax else { return }
            state.merged.insert(merge)
            state.batch.merges.append(merge)
        }
    }

    /// Does what was noted.
    ///
    /// - Throws: the failure of the store; what was noted stays, as far as there is room for it.
    func flush() async throws {
        let (batch, dropped) = state.withLock { state in
            defer {
                state.batch = Batch()
                state.dropped = 0
            }
            return (state.batch, state.dropped)
        }
        if dropped > 0 { logger.warning("follow-ups dropped", ["count": LogValue(dropped)]) }
        var failure: (any Error)?
        if batch.hasWrites {
            do {
                try await write(batch)
            } catch {
                failure = error
                putBack(batch)
            }
        }
        for (index, merge) in batch.merges.enumerated() {
            do {
                try await meter.merge(merge)
            } catch {
                failure = failure ?? error
                let rest = batch.merges[index...]
                state.withLock { $0.batch.merges = Array((rest + $0.batch.merges).prefix(Self.kindMax)) }
                break
            }
        }
        if let failure { throw failure }
    }

    private func write(_ batch: Batch) async throws {
        let now = clock.now
        let refusals = batch.refusals.map { caller, refusals in
            (caller.entry(of: refusals.decisions, from: refusals.address), refusals.count)
        }
        // In one order, so that two processes do not wait for each other.
        let uses = batch.uses.sorted { $0.key < $1.key }
        try await work.write { context in
            for (key, moment) in uses {
                guard var stored = try context.apiKeys.lock(key), stored.noteUse(at: min(moment, now)) else { continue }
                try context.apiKeys.update(stored)
            }
            for event in batch.news {
                switch event {
                case .thresholdReached(let event): try context.publish(event)
                case .exhausted(let event): try context.publish(event)
                }
            }
            for (entry, count) in refusals { try context.audit(entry, count: count) }
        }
    }

    private func putBack(_ batch: Batch) {
        state.withLock { state in
            for (caller, refusal) in batch.refusals {
                if state.batch.refusals.count < Self.kindMax || state.batch.refusals[caller] != nil {
                    state.batch.refusals[caller, default: RefusalCount(from: refusal.address)].add(refusal)
                } else {
                    state.dropped += 1
                }
            }
            let news = batch.news + state.batch.news
            state.dropped += max(0, news.count - Self.kindMax)
            state.batch.news = Array(news.prefix(Self.kindMax))
            state.batch.uses.merge(batch.uses) { newer, _ in newer }
        }
    }
}

extension FollowUpQueue.RefusedCaller {
    fileprivate func entry(of decisions: [DecisionID], from address: NetworkAddress?) -> AuditEntry {
        RefusalEntry.entry(
            of: decisions, because: reason, user: actor, service: service, from: address)
    }
}
