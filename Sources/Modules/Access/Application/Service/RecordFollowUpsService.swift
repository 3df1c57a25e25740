import AccessContract
import AccessDomain
import Shared

/// Does what decisions left to be done: refusals go into the audit log, events of quotas are published and last uses
/// written, all in one unit of work; what keys used is added up by day, and what devices used to their owners' counters.
package struct RecordFollowUpsService: Sendable {
    private let pending: any PendingFollowUps
    private let work: any AccessWork
    private let meter: any Meter
    private let clock: any WallClock

    package init(pending: any PendingFollowUps, work: any AccessWork, meter: any Meter, clock: any WallClock) {
        self.pending = pending
        self.work = work
        self.meter = meter
        self.clock = clock
    }

    /// How many keys are written in one unit of work, for which everything else that is written waits.
    private static let keysAtOnce = 500

    /// - Throws: the first failure of the store or the meter; what could not be done waits for the next time, as far as
    ///   there is room for it.
    package func callAsFunction() async throws {
        var batch = pending.drain()
        var failure: (any Error)?
        if batch.hasWrites {
            do {
                try await write(batch)
                batch.forgetWrites()
            } catch {
                failure = error
            }
        }
        do {
            // In one order, so that two processes do not wait for each other.
            let costs = batch.costs.map { KeyUse($0, used: $1) }.sorted { $0.place.key < $1.place.key }
            for start in stride(from: 0, to: costs.count, by: Self.keysAtOnce) {
                let some = Array(costs[start..<min(start + Self.keysAtOnce, costs.count)])
                try await work.write { context in
                    // With its owner a key's use is forgotten, and must not come back from a process that still has some.
                    let unrevoked = try context.apiKeys.lockUnrevoked(Set(some.map(\.place.key)))
                    try context.keyUses.add(some.filter { unrevoked.contains($0.place.key) })
                }
                batch.forgetCosts(some.map(\.place))
            }
        } catch {
            failure = failure ?? error
        }
        var merged = 0
        do {
            for merge in batch.merges {
                try await meter.merge(merge)
                merged += 1
            }
        } catch {
            failure = failure ?? error
        }
        batch.forgetMerges(merged)
        if let failure {
            pending.putBack(batch)
            throw failure
        }
    }

    private func write(_ batch: FollowUpBatch) async throws {
        let now = clock.now
        // In one order, so that two processes do not wait for each other.
        let uses = batch.uses.sorted { $0.key < $1.key }
        try await work.write { context in
            for (key, moment) in uses {
                guard var stored = try context.apiKeys.lock(key), stored.noteUse(at: min(moment, now)) else { continue }
                try context.apiKeys.update(stored)
            }
            for event in batch.events {
                switch event {
                case .thresholdReached(let event): try context.publish(event)
                case .exhausted(let event): try context.publish(event)
                }
            }
            for (caller, refusal) in batch.refusals {
                try context.audit(RefusalEntry.entry(of: caller, refusal), count: refusal.count)
            }
        }
    }
}
