import Lifecycle
import SQL
import Shared

/// Brings committed events to every consumer group: in order for each subject, the subjects side by side, at least
/// once. Relays of several processes share the subjects out among them.
package struct OutboxRelay: Sendable {
    private let database: any Database
    private let queue: OutboxQueue
    private let leases: EventLeases
    private let keeper: GroupKeeper
    private let handOver: HandOver
    private let retries: ParkedEventsRetry
    private let wakeup: Wakeup
    private let parked = Wakeup()
    private let clock: any WallClock
    private let logger: Logger
    /// Of this process.
    package let deliveries = DeliveryCounts()

    static let batchSize = 256
    /// Under load events are gathered, so that they share commits; one that comes alone does not wait, and after a
    /// full batch there is no pause.
    private static let pause: Duration = .milliseconds(20)

    /// - Parameters:
    ///   - owner: this process among others on the same database; another one at each start.
    ///   - groups: the consumer groups that run in this process.
    ///   - wakeup: signalled after commits that published something.
    package init(
        database: any Database, owner: Identifier, groups: [ConsumerGroup], wakeup: Wakeup, clock: any WallClock,
        policy: RetryPolicy = RetryPolicy(), logger: Logger
    ) {
        let failures = FailureJudge()
        self.database = database
        queue = OutboxQueue(database: database, owner: owner, groups: Set(groups.map(\.name)))
        leases = EventLeases(owner: owner, database: database)
        keeper = GroupKeeper(ConsumerGroups(database), groups: groups, logger: logger)
        handOver = HandOver(
            groups: groups, clock: clock, policy: policy, failures: failures, deliveries: deliveries,
            logger: logger)
        retries = ParkedEventsRetry(
            parked: ParkedEvents(database: database, owner: owner), leases: leases, groups: groups, clock: clock,
            policy: policy, failures: failures, deliveries: deliveries, logger: logger)
        self.wakeup = wakeup
        self.clock = clock
        self.logger = logger
    }

    /// Run it while the process lives, in this order.
    package var services: [any Service] {
        [
            PollingService(
                "outbox relay", wakeup: wakeup, pause: Self.pause, batchSize: Self.batchSize, logger: logger
            ) {
                try await relayOnce()
            } atEnd: {
                try await leases.release()
            },
            PollingService(
                "parked events", wakeup: parked, pause: Self.pause, batchSize: Self.batchSize, logger: logger
            ) {
                try await retryOnce()
            },
        ]
    }

    /// Of the whole installation, at most half a minute old; nil before the first look.
    package var figures: EventFigures? { keeper.figures }

    /// The groups that run in this process.
    package var groupNames: [String] { handOver.groups.map(\.name) }

    /// One batch from the outbox to every group.
    ///
    /// - Returns: how many events left the outbox.
    package func relayOnce() async throws -> Int {
        try await keeper.keep(at: clock.now)
        var batch = try await queue.batch(at: clock.now, limit: Self.batchSize)
        guard !batch.events.isEmpty else { return 0 }
        if handOver.groups.contains(where: { !batch.known.contains($0.name) }) {
            try await keeper.noteAgain(at: clock.now)
            return try await relayOnce()
        }
        let held = try await leases.hold(wantedKeys(of: batch), at: clock.now)
        batch.events.removeAll { held[EventLeases.Key(group: EventLeases.outbox, partition: $0.partition)] == nil }
        guard !batch.events.isEmpty else { return 0 }
        let result = await handOver(batch, under: held)
        let relaying = held.filter { $0.key.group == EventLeases.outbox }
        let count = try await queue.settle(result.settled, parking: result.parked, under: relaying)
        handOver.failures.excuse(result.undecided)
        if !result.parked.isEmpty { parked.signal() }
        return count
    }

    /// One batch of what groups of this process still have to have: at most one event of each group and subject.
    ///
    /// - Returns: how many events were delivered or given up.
    package func retryOnce() async throws -> Int { try await retries() }

    private func wantedKeys(of batch: OutboxBatch) -> Set<EventLeases.Key> {
        let names = [EventLeases.outbox] + handOver.groups.map(\.name)
        return Set(
            Set(batch.events.map(\.partition)).flatMap { partition in
                names.map { EventLeases.Key(group: $0, partition: partition) }
            })
    }
}
