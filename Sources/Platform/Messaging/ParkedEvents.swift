import SQL
import Shared

/// An event that a group still has to have.
struct ParkedEvent: Sendable {
    let group: String
    let row: EventRow
    /// Failures so far; 0 for one that only waits behind another, or for its group to run.
    var attempts = 0
    var nextAttemptAt: Timestamp
    var error: String?

    /// One that is there already stays as it is.
    var insertion: Statement {
        """
        INSERT INTO parked_events (group_name, \(EventRow.columns), attempts, next_attempt_at, error)
        VALUES (\(group), \(row.values), \(attempts), \(nextAttemptAt), \(error))
        ON CONFLICT DO NOTHING
        """
    }
}

/// What became of a parked event that was tried.
enum ParkedOutcome: Sendable {
    case delivered
    case failed(until: Timestamp, error: String)
    case givenUp(error: String)
}

/// The queue of each group.
struct ParkedEvents: Sendable {
    let database: any Database
    let owner: Identifier

    /// The first event of each subject, if it is due: later ones of the subject wait behind it. Without partitions that
    /// somebody else works off.
    func due(of groups: [String], at now: Timestamp, limit: Int) async throws -> [ParkedEvent] {
        try await database.read { transaction in
            try transaction.query(
                """
                SELECT \(EventRow.columns), group_name, attempts, next_attempt_at, error FROM parked_events AS waiting
                WHERE group_name IN (\(list: groups)) AND next_attempt_at <= \(now) AND NOT EXISTS (
                    SELECT 1 FROM parked_events AS earlier
                    WHERE earlier.group_name = waiting.group_name AND earlier.subject = waiting.subject
                        AND earlier.number < waiting.number)
                AND NOT EXISTS (
                    SELECT 1 FROM event_leases AS lease
                    WHERE lease.group_name = waiting.group_name AND lease.partition = waiting.partition
                        AND lease.owner <> \(owner) AND lease.lease_until > \(now))
                ORDER BY number LIMIT \(limit)
                """
            ) { row in
                var next = row.reader
                let event = try EventRow(&next)
                return ParkedEvent(
                    group: try next.text(), row: event, attempts: try next.integer(),
                    nextAttemptAt: try next.timestamp(), error: try next.optionalText())
            }
        }
    }

    /// Notes what became of events, as far as the leases under which they were tried still hold.
    func settle(
        _ outcomes: [(event: ParkedEvent, outcome: ParkedOutcome)],
        under leases: [EventLeases.Key: EventLeases.Lease], at now: Timestamp
    ) async throws {
        let held = EventLeases.isHeld(by: owner, leases)
        try await database.write { transaction in
            for (event, outcome) in outcomes {
                let own: Statement = """
                    group_name = \(event.group) AND id = \(event.row.envelope.id) AND EXISTS (
                        SELECT 1 FROM event_leases AS lease
                        WHERE lease.group_name = parked_events.group_name
                            AND lease.partition = parked_events.partition AND \(held))
                    """
                switch outcome {
                case .delivered:
                    try transaction.submit("DELETE FROM parked_events WHERE \(own)")
                case .failed(let moment, let error):
                    try transaction.submit(
                        """
                        UPDATE parked_events
                        SET attempts = \(event.attempts + 1), next_attempt_at = \(moment), error = \(error)
                        WHERE \(own)
                        """)
                case .givenUp(let error):
                    guard try transaction.execute("DELETE FROM parked_events WHERE \(own)") == 1 else { continue }
                    try transaction.submit(Self.burial(of: event, error, at: now))
                }
            }
        }
    }

    /// A letter of this group that is there already is replaced.
    private static func burial(of event: ParkedEvent, _ error: String, at now: Timestamp) -> Statement {
        let envelope = event.row.envelope
        return """
            INSERT INTO dead_letters (id, group_name, number, source, type, subject, time, traceparent, data, reach,
                version, attempts, error, buried_at)
            VALUES (\(envelope.id), \(event.group), \(envelope.number), \(envelope.source), \(envelope.type),
                \(envelope.subject), \(envelope.time), \(envelope.traceparent), \(json: envelope.data),
                \(envelope.reach.rawValue), \(envelope.version), \(event.attempts + 1), \(error), \(now))
            ON CONFLICT (id, group_name) DO UPDATE SET
                attempts = excluded.attempts, error = excluded.error, buried_at = excluded.buried_at
            """
    }
}
