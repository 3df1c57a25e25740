import SQL
import Shared

/// Where events wait between the commit of their cause and their delivery.
package struct Outbox: Sendable {
    private let identifiers: any IdentifierSource
    private let clock: any WallClock

    package init(identifiers: any IdentifierSource, clock: any WallClock) {
        self.identifiers = identifiers
        self.clock = clock
    }

    /// Writes an event in the transaction of its cause.
    package func append(
        _ event: some DomainEvent, traceparent: String? = nil, in transaction: any SQLTransaction
    ) throws {
        let data = try EventCoding.encode(event)
        let now = clock.now
        let type = Swift.type(of: event)
        try transaction.submit(
            """
            INSERT INTO outbox
                (id, source, type, subject, time, traceparent, data, attempts, next_attempt_at, partition)
            VALUES (\(identifiers.next()), \(type.source), \(type.type), \(event.subject), \(now), \(traceparent),
                \(json: data), \(0), \(now), \(PartitionLeases.partition(of: event.subject)))
            """)
    }
}

/// A waiting event with how often it was tried.
struct OutboxEntry: Sendable {
    let number: Int
    let attempts: Int
    let partition: Int
    let envelope: EventEnvelope
}

/// The relay's side of the outbox.
struct OutboxQueue: Sendable {
    let database: any Database
    /// Who relays.
    let owner: Identifier

    /// The first waiting event of each subject, if it is due: later ones of the same subject wait behind it. Without
    /// those of partitions that somebody else holds.
    func due(at now: Timestamp, limit: Int) async throws -> [OutboxEntry] {
        try await database.read { transaction in
            try transaction.query(
                """
                SELECT number, attempts, partition, id, source, type, subject, time, traceparent, data FROM outbox AS waiting
                WHERE next_attempt_at <= \(now) AND NOT EXISTS (
                    SELECT 1 FROM outbox AS earlier
                    WHERE earlier.subject = waiting.subject AND earlier.number < waiting.number)
                AND NOT EXISTS (
                    SELECT 1 FROM outbox_leases AS lease
                    WHERE lease.partition = waiting.partition AND lease.owner <> \(owner)
                        AND lease.lease_until > \(now))
                ORDER BY number LIMIT \(limit)
                """, Self.entry)
        }
    }

    func count() async throws -> Int {
        try await database.read { transaction in
            try transaction.first("SELECT count(*) FROM outbox") { try $0.integer(0) } ?? 0
        }
    }

    func remove(_ numbers: [Int]) async throws {
        try await database.write { transaction in
            for number in numbers { try transaction.submit("DELETE FROM outbox WHERE number = \(number)") }
        }
    }

    /// - Parameter fence: of the lease under which it was tried; under a later one somebody else decides.
    func postpone(_ entry: OutboxEntry, until moment: Timestamp, error: String, fence: Int) async throws {
        try await database.write { transaction in
            try transaction.submit(
                """
                UPDATE outbox SET attempts = \(entry.attempts + 1), next_attempt_at = \(moment), last_error = \(error)
                WHERE number = \(entry.number) AND \(isHeld(entry, fence))
                """)
        }
    }

    /// Moves an event out of the way of those behind it, where people can look at it.
    func bury(_ entry: OutboxEntry, at now: Timestamp, error: String, fence: Int) async throws {
        let envelope = entry.envelope
        try await database.write { transaction in
            let buried = try transaction.execute(
                "DELETE FROM outbox WHERE number = \(entry.number) AND \(isHeld(entry, fence))")
            guard buried == 1 else { return }
            try transaction.submit(
                """
                INSERT INTO dead_letters (id, source, type, subject, time, traceparent, data, attempts, error, buried_at)
                VALUES (\(envelope.id), \(envelope.source), \(envelope.type), \(envelope.subject), \(envelope.time),
                    \(envelope.traceparent), \(json: envelope.data), \(entry.attempts + 1), \(error), \(now))
                """)
        }
    }

    private func isHeld(_ entry: OutboxEntry, _ fence: Int) -> Statement {
        """
        EXISTS (SELECT 1 FROM outbox_leases
            WHERE partition = \(entry.partition) AND owner = \(owner) AND fence = \(fence))
        """
    }

    private static func entry(_ row: Row) throws -> OutboxEntry {
        var next = row.reader
        return OutboxEntry(
            number: try next.integer(), attempts: try next.integer(), partition: try next.integer(),
            envelope: EventEnvelope(
                id: try next.identifier(), source: try next.text(), type: try next.text(),
                subject: try next.identifier(), time: try next.timestamp(), traceparent: try next.optionalText(),
                data: try next.json()))
    }
}
