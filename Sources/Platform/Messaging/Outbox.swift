import SQL
import Shared

/// Where events wait between the commit of their cause and their hand-over to every consumer group.
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
        let type = Swift.type(of: event)
        let reach: EventReach = type.isPublic ? .public : .internal
        try transaction.submit(
            """
            INSERT INTO outbox_events (id, source, type, subject, time, traceparent, data, reach, version, partition)
            VALUES (\(identifiers.next()), \(type.source), \(type.type), \(event.subject), \(clock.now),
                \(traceparent), \(json: data), \(reach.rawValue), \(type.version), \(EventPartition.of(event.subject)))
            """)
    }
}

/// A share of the subjects, which one process works off at a time.
enum EventPartition {
    /// Another number would move subjects between partitions: drain the outbox and the parked events first.
    static let count = 16

    static func of(_ subject: Identifier) -> Int { Int(subject.low % UInt64(count)) }
}
