import Lifecycle
import SQL
import Shared

/// Brings committed events to the bus: in order for each subject, the subjects side by side, at least once. Relays of
/// several processes share the subjects out among them.
package struct OutboxRelay: Sendable {
    private let queue: OutboxQueue
    private let leases: PartitionLeases
    private let bus: any EventBus
    private let wakeup: Wakeup
    private let clock: any WallClock
    private let policy: RetryPolicy
    private let logger: Logger

    private static let batchSize = 256
    /// Under load events are gathered, so that they share commits; one that comes alone does not wait, and after a
    /// full batch there is no pause.
    private static let pause: Duration = .milliseconds(20)

    /// - Parameters:
    ///   - owner: this relay among others on the same database.
    ///   - wakeup: signalled after commits that published something.
    package init(
        database: any Database, owner: Identifier, bus: any EventBus, wakeup: Wakeup, clock: any WallClock,
        policy: RetryPolicy = RetryPolicy(), logger: Logger
    ) {
        queue = OutboxQueue(database: database, owner: owner)
        leases = PartitionLeases(owner: owner, database: database)
        self.bus = bus
        self.wakeup = wakeup
        self.clock = clock
        self.policy = policy
        self.logger = logger
    }

    /// Runs it while the process lives.
    package var service: PollingService {
        PollingService("outbox relay", wakeup: wakeup, pause: Self.pause, batchSize: Self.batchSize, logger: logger) {
            try await relayOnce()
        } atEnd: {
            try await leases.release()
        }
    }

    /// One batch: at most one event of each subject.
    ///
    /// - Returns: how many were delivered or buried, so that those behind them can follow.
    package func relayOnce() async throws -> Int {
        let due = try await queue.due(at: clock.now, limit: Self.batchSize)
        guard !due.isEmpty else { return 0 }
        let held = try await leases.hold(Set(due.map(\.partition)), at: clock.now)
        let entries = due.filter { held[$0.partition] != nil }
        let delivered = try await withThrowingTaskGroup(of: Delivery.self) { group in
            for entry in entries { group.addTask { await deliver(entry) } }
            var deliveries: [Delivery] = []
            for try await delivery in group { deliveries.append(delivery) }
            return deliveries
        }
        try await queue.remove(delivered.compactMap { $0.error == nil ? $0.entry.number : nil })
        var progress = delivered.filter { $0.error == nil }.count
        for delivery in delivered {
            guard let error = delivery.error, let lease = held[delivery.entry.partition] else { continue }
            if try await retryLater(delivery.entry, error, lease) { progress += 1 }
        }
        return progress
    }

    private struct Delivery: Sendable {
        let entry: OutboxEntry
        let error: String?
    }

    private func deliver(_ entry: OutboxEntry) async -> Delivery {
        do {
            try await bus.publish(entry.envelope)
            return Delivery(entry: entry, error: nil)
        } catch {
            return Delivery(entry: entry, error: "\(error)")
        }
    }

    /// - Returns: true if the event was given up, so that its subject goes on.
    private func retryLater(
        _ entry: OutboxEntry, _ error: String, _ lease: PartitionLeases.Lease
    ) async throws -> Bool {
        let attempts = entry.attempts + 1
        let isGivenUp = attempts >= policy.attemptsMax
        logger.warning(
            isGivenUp ? "an event became a dead letter" : "an event could not be delivered",
            [
                "event": LogValue(entry.envelope.id), "type": .text(entry.envelope.type),
                "attempts": LogValue(attempts), "cause": .text(error),
            ])
        if isGivenUp {
            try await queue.bury(entry, at: clock.now, error: error, fence: lease.fence)
        } else {
            let moment = clock.now + policy.delay(afterAttempt: attempts)
            try await queue.postpone(entry, until: moment, error: error, fence: lease.fence)
        }
        return isGivenUp
    }
}
