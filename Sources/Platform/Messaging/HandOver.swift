import Shared

/// Takes a batch to the groups of this process, and decides what becomes of each event.
struct HandOver: Sendable {
    /// The outcome of a batch: what can leave the outbox, and what groups still have to have of it.
    struct Result: Sendable {
        var settled: [EventRow] = []
        var parked: [ParkedEvent] = []
        /// The first events of their subjects that no store could be found for; they stay where they are.
        var undecided: [(event: Identifier, group: String)] = []
    }

    let groups: [ConsumerGroup]
    let clock: any WallClock
    let policy: RetryPolicy
    let failures: FailureJudge
    let deliveries: DeliveryCounts
    let logger: Logger

    /// A subject with more events than that is worked off from the group's own queue, so that nobody waits for it.
    static let ofOneSubjectMax = 16

    func callAsFunction(
        _ batch: OutboxBatch, under leases: [EventLeases.Key: EventLeases.Lease]
    ) async -> Result {
        let decided = await withTaskGroup(of: [GroupFate].self) { tasks in
            for group in groups {
                tasks.addTask { await self.fates(of: batch.events, in: group, batch, leases) }
            }
            var all: [GroupFate] = []
            for await some in tasks { all += some }
            return all
        }
        return result(batch, decided)
    }

    /// What a group still has to have of an event, if anything.
    fileprivate struct GroupFate: Sendable {
        let event: Identifier
        let group: String
        /// Nil: the event could not be tried for want of the store.
        let parked: ParkedEvent?
    }

    private func fates(
        of events: [EventRow], in group: ConsumerGroup, _ batch: OutboxBatch,
        _ leases: [EventLeases.Key: EventLeases.Lease]
    ) async -> [GroupFate] {
        let heard = events.filter { group.hears($0.envelope.type) }
        var counts: [Identifier: Int] = [:]
        let direct = heard.filter { event in
            let subject = event.envelope.subject
            guard leases[EventLeases.Key(group: group.name, partition: event.partition)] != nil,
                !batch.parked.contains(GroupSubject(group: group.name, subject: subject))
            else { return false }
            counts[subject, default: 0] += 1
            return counts[subject, default: 0] <= Self.ofOneSubjectMax
        }
        let failed = direct.isEmpty ? [:] : await group.bus.publish(direct.map(\.envelope))
        let tried = Set(direct.map(\.envelope.id))
        var stopped: Set<Identifier> = []
        var withoutStore: Set<Identifier> = []
        var fates: [GroupFate] = []
        for event in heard {
            let (id, subject) = (event.envelope.id, event.envelope.subject)
            if withoutStore.contains(subject) {
                fates.append(GroupFate(event: id, group: group.name, parked: nil))
            } else if stopped.contains(subject) || !tried.contains(id) {
                let waiting = ParkedEvent(group: group.name, row: event, nextAttemptAt: clock.now)
                fates.append(GroupFate(event: id, group: group.name, parked: waiting))
            } else if let error = failed[id] {
                guard failures.counts(error, of: id, in: group.name) else {
                    withoutStore.insert(subject)
                    fates.append(GroupFate(event: id, group: group.name, parked: nil))
                    continue
                }
                stopped.insert(subject)
                fates.append(GroupFate(event: id, group: group.name, parked: firstFailure(event, error, group)))
            }
        }
        deliveries.add(heard.count - fates.count, .delivered, of: group.name)
        deliveries.add(stopped.count, .failed, of: group.name)
        return fates
    }

    private func firstFailure(_ event: EventRow, _ error: any Error, _ group: ConsumerGroup) -> ParkedEvent {
        logger.warning(
            "an event could not be delivered",
            [
                "event": LogValue(event.envelope.id), "type": .text(event.envelope.type), "group": .text(group.name),
                "attempts": 1, "cause": .text("\(error)"),
            ])
        return ParkedEvent(
            group: group.name, row: event, attempts: 1, nextAttemptAt: clock.now + policy.delay(afterAttempt: 1),
            error: "\(error)")
    }

    private func result(_ batch: OutboxBatch, _ fates: [GroupFate]) -> Result {
        let byEvent = Dictionary(grouping: fates, by: \.event)
        let absent = batch.absent.sorted { $0.key < $1.key }
        var result = Result()
        var waiting: Set<Identifier> = []
        for event in batch.events {
            let (id, subject) = (event.envelope.id, event.envelope.subject)
            let fates = byEvent[id] ?? []
            // For every group: one that has the next event must not be behind one that does not have this one.
            if waiting.contains(subject) { continue }
            let untried = fates.filter { $0.parked == nil }
            if !untried.isEmpty {
                waiting.insert(subject)
                result.undecided += untried.map { (id, $0.group) }
                continue
            }
            result.settled.append(event)
            result.parked += fates.compactMap(\.parked)
            for (name, types) in absent where types?.contains(event.envelope.type) ?? true {
                result.parked.append(ParkedEvent(group: name, row: event, nextAttemptAt: clock.now))
            }
        }
        return result
    }
}
