import SQL
import Shared

/// What a relay reads at once.
struct OutboxBatch: Sendable {
    var events: [EventRow] = []
    /// Those of this process's groups that the installation knows.
    var known: Set<String> = []
    /// The other groups of the installation, by name, with the types that they hear of; nil for everything.
    var absent: [String: Set<String>?] = [:]
    /// Subjects that a group has parked events of: new ones go behind them.
    var parked: Set<GroupSubject> = []
}

struct GroupSubject: Hashable, Sendable {
    let group: String
    let subject: Identifier
}

/// The relay's side of the outbox.
struct OutboxQueue: Sendable {
    let database: any Database
    /// Who relays.
    let owner: Identifier
    /// The groups that run in this process.
    let groups: Set<String>

    /// The oldest events, without those of partitions that somebody else relays.
    func batch(at now: Timestamp, limit: Int) async throws -> OutboxBatch {
        try await database.read { transaction in
            var batch = OutboxBatch()
            batch.events = try transaction.query(
                """
                SELECT \(EventRow.columns), legacy_number FROM outbox_events AS waiting
                WHERE NOT EXISTS (
                    SELECT 1 FROM event_leases AS lease
                    WHERE lease.group_name = \(EventLeases.outbox) AND lease.partition = waiting.partition
                        AND lease.owner <> \(owner) AND lease.lease_until > \(now))
                ORDER BY number LIMIT \(limit)
                """
            ) { row in
                var next = row.reader
                var event = try EventRow(&next)
                event.legacyNumber = try next.optionalInteger()
                return event
            }
            guard let first = batch.events.first, let last = batch.events.last else { return batch }
            var withParked: [String] = []
            // After the events: a group that was there before an event of the batch is seen.
            _ = try transaction.query(
                """
                SELECT name, types, EXISTS (SELECT 1 FROM parked_events WHERE group_name = name) FROM consumer_groups
                """
            ) { row in
                let name = try row.text(0)
                if groups.contains(name) {
                    batch.known.insert(name)
                } else {
                    let types = try row.optionalText(1)
                    batch.absent[name] = .some(try types.map { try EventCoding.decode(Set<String>.self, from: $0) })
                }
                if try row.bool(2) { withParked.append(name) }
            }
            guard !withParked.isEmpty else { return batch }
            batch.parked = Set(
                try transaction.query(
                    """
                    SELECT DISTINCT group_name, subject FROM parked_events
                    WHERE group_name IN (\(list: withParked)) AND subject IN (
                        SELECT subject FROM outbox_events
                        WHERE number BETWEEN \(first.envelope.number) AND \(last.envelope.number))
                    """
                ) { GroupSubject(group: try $0.text(0), subject: try $0.identifier(1)) })
            return batch
        }
    }

    /// Takes events out of the outbox, each together with what groups still have to have of it; those that another
    /// process took out meanwhile, or whose partition was lost, are left as they are.
    ///
    /// - Parameter leases: under which the events were handed over.
    /// - Returns: how many were taken out.
    func settle(
        _ events: [EventRow], parking parked: [ParkedEvent], under leases: [EventLeases.Key: EventLeases.Lease]
    ) async throws -> Int {
        let (numbers, held) = (events.map(\.envelope.number), EventLeases.isHeld(by: owner, leases))
        let legacy = Dictionary(
            uniqueKeysWithValues: events.compactMap { event in
                event.legacyNumber.map { (event.envelope.number, $0) }
            })
        return try await database.write { transaction in
            let removed = Set(
                try transaction.query(
                    """
                    DELETE FROM outbox_events WHERE number IN (\(numbers.rows)) AND EXISTS (
                        SELECT 1 FROM event_leases AS lease
                        WHERE lease.group_name = \(EventLeases.outbox) AND lease.partition = outbox_events.partition
                            AND \(held))
                    RETURNING number
                    """
                ) { try $0.integer(0) })
            for event in parked where removed.contains(event.row.envelope.number) {
                try transaction.submit(event.insertion)
            }
            let twins = removed.compactMap { legacy[$0] }
            if !twins.isEmpty { try transaction.submit("DELETE FROM outbox WHERE number IN (\(twins.rows))") }
            return removed.count
        }
    }

    func count() async throws -> Int {
        try await database.read { transaction in
            try transaction.first("SELECT count(*) FROM outbox_events") { try $0.integer(0) } ?? 0
        }
    }
}
