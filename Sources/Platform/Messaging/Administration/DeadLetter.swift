import SQL
import Shared

/// An event that a consumer group gave up.
package struct DeadLetter: Sendable, Equatable {
    /// Empty for one of 0.1.0, which was every group's.
    package let group: String
    package let event: EventEnvelope
    package let attempts: Int
    /// Of the last attempt.
    package let error: String
    package let buriedAt: Timestamp

    /// Of 0.1.0 neither number nor reach is known.
    static let columns: Statement = """
        id, group_name, COALESCE(number, 0), source, type, subject, time, traceparent, data,
        COALESCE(reach, 'internal'), version, attempts, error, buried_at
        """

    init(_ row: Row) throws {
        var next = row.reader
        let id = try next.identifier()
        group = try next.text()
        let number = try next.integer()
        event = EventEnvelope(
            id: id, source: try next.text(), type: try next.text(), subject: try next.identifier(),
            time: try next.timestamp(), traceparent: try next.optionalText(), data: try next.json(),
            reach: EventReach(rawValue: try next.text()) ?? .internal, number: number, version: try next.integer())
        attempts = try next.integer()
        error = try next.text()
        buriedAt = try next.timestamp()
    }
}

/// Which dead letters are meant; nil does not matter.
package struct DeadLetterFilter: Sendable, Equatable {
    package var event: Identifier?
    package var group: String?
    package var type: String?
    package var subject: Identifier?
    /// When it was given up: from this moment on.
    package var from: Timestamp?
    /// Before this moment.
    package var until: Timestamp?

    package init(
        event: Identifier? = nil, group: String? = nil, type: String? = nil, subject: Identifier? = nil,
        from: Timestamp? = nil, until: Timestamp? = nil
    ) {
        self.event = event
        self.group = group
        self.type = type
        self.subject = subject
        self.from = from
        self.until = until
    }

    package var isEmpty: Bool { self == DeadLetterFilter() }

    var condition: Statement {
        var parts: [Statement] = ["1 = 1"]
        if let event { parts.append("id = \(event)") }
        if let group { parts.append("group_name = \(group)") }
        if let type { parts.append("type = \(type)") }
        if let subject { parts.append("subject = \(subject)") }
        if let from { parts.append("buried_at >= \(from)") }
        if let until { parts.append("buried_at < \(until)") }
        return parts.joined(by: " AND ")
    }
}
