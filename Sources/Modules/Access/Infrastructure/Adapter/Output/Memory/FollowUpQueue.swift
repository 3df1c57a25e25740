import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization

/// What waits to be done, in memory, until somebody takes it.
final class FollowUpQueue: FollowUps, PendingFollowUps {
    private struct State {
        var batch = FollowUpBatch()
        /// Of this day: what was merged or is about to be.
        var merged: Set<DeviceMerge> = []
    }

    private let state = Mutex(State())
    private let logger: Logger

    private static let mergedMax = 50_000

    init(logger: Logger) {
        self.logger = logger
    }

    func noteRefusal(_ decision: Decision, _ service: ServiceSlug?, from address: NetworkAddress) {
        state.withLock { $0.batch.add(decision, service, from: address) }
    }

    func noteNews(_ news: [DrawOutcome.News], of holder: QuotaHolder, plan: PlanCode, _ service: ServiceSlug) {
        state.withLock { state in
            for one in news { state.batch.add(one, of: holder, plan: plan, service) }
        }
    }

    func noteUse(of key: APIKeyID, at now: Timestamp) {
        state.withLock { $0.batch.add(useOf: key, at: now) }
    }

    func noteCost(_ cost: Int, of key: APIKeyID, at now: Timestamp) {
        state.withLock { $0.batch.add(cost, of: key, at: now) }
    }

    func noteDevice(_ device: Identifier, of user: Identifier, at now: Timestamp) {
        let merge = DeviceMerge(device: device, user: user, at: now)
        state.withLock { state in
            guard !state.merged.contains(merge) else { return }
            // The meter merges once, whatever is forgotten here.
            if state.merged.count >= Self.mergedMax || state.merged.first.map({ $0.day != merge.day }) == true {
                state.merged = []
            }
            if state.batch.add(merge) { state.merged.insert(merge) }
        }
    }

    func drain() -> FollowUpBatch {
        var batch = state.withLock { state in
            defer { state.batch = FollowUpBatch() }
            return state.batch
        }
        if batch.dropped > 0 { logger.warning("follow-ups dropped", ["count": LogValue(batch.dropped)]) }
        batch.forgetDropped()
        return batch
    }

    func putBack(_ batch: FollowUpBatch) {
        state.withLock { $0.batch.add(batch) }
    }
}
