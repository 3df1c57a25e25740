import Shared

/// Works off what groups of this process still have to have: the first event of each subject, with backoff after a
/// failure; after the last one it becomes a dead letter and its subject goes on.
struct ParkedEventsRetry: Sendable {
    let parked: ParkedEvents
    let leases: EventLeases
    let groups: [ConsumerGroup]
    let clock: any WallClock
    let policy: RetryPolicy
    let failures: FailureJudge
    let deliveries: DeliveryCounts
    let logger: Logger

    /// One batch.
    ///
    /// - Returns: how many were delivered or given up.
    func callAsFunction() async throws -> Int {
        guard !groups.isEmpty else { return 0 }
        let due = try await parked.due(of: groups.map(\.name), at: clock.now, limit: OutboxRelay.batchSize)
        guard !due.isEmpty else { return 0 }
        let keys = Set(due.map(key))
        let held = try await leases.hold(keys, at: clock.now)
        let mine = due.filter { held[key(of: $0)] != nil }
        let outcomes = await outcomes(of: mine)
        if !outcomes.isEmpty { try await parked.settle(outcomes, under: held, at: clock.now) }
        try await leases.releaseUnrelayed(keys)
        return outcomes.count { if case .failed = $0.outcome { false } else { true } }
    }

    private func key(of event: ParkedEvent) -> EventLeases.Key {
        EventLeases.Key(group: event.group, partition: event.row.partition)
    }

    private func outcomes(of events: [ParkedEvent]) async -> [(event: ParkedEvent, outcome: ParkedOutcome)] {
        let byGroup = Dictionary(grouping: events, by: \.group)
        return await withTaskGroup(of: [(event: ParkedEvent, outcome: ParkedOutcome)].self) { tasks in
            for group in groups {
                guard let events = byGroup[group.name] else { continue }
                tasks.addTask {
                    let failed = await group.bus.publish(events.map(\.row.envelope))
                    return events.compactMap { event in outcome(of: event, failed).map { (event, $0) } }
                }
            }
            var all: [(event: ParkedEvent, outcome: ParkedOutcome)] = []
            for await some in tasks { all += some }
            return all
        }
    }

    /// - Returns: nil if the store was away, which is not the event's fault.
    private func outcome(of event: ParkedEvent, _ failed: [Identifier: any Error]) -> ParkedOutcome? {
        let envelope = event.row.envelope
        guard let error = failed[envelope.id] else {
            deliveries.add(.delivered, of: event.group)
            return .delivered
        }
        guard failures.counts(error, of: envelope.id, in: event.group) else { return nil }
        let attempts = event.attempts + 1
        let isGivenUp = attempts >= policy.attemptsMax
        deliveries.add(isGivenUp ? .givenUp : .failed, of: event.group)
        logger.warning(
            isGivenUp ? "an event became a dead letter" : "an event could not be delivered",
            [
                "event": LogValue(envelope.id), "type": .text(envelope.type), "group": .text(event.group),
                "attempts": LogValue(attempts), "cause": .text("\(error)"),
            ])
        if isGivenUp { return .givenUp(error: "\(error)") }
        return .failed(until: clock.now + policy.delay(afterAttempt: attempts), error: "\(error)")
    }
}
