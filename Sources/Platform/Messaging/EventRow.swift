import SQL
import Shared

/// An event with its partition, as the tables of events have it.
struct EventRow: Sendable {
    let envelope: EventEnvelope
    let partition: Int
    /// The number of its twin, if 0.1.0 wrote it.
    var legacyNumber: Int?

    static let columns: Statement =
        "number, id, source, type, subject, time, traceparent, data, reach, version, partition"

    init(_ envelope: EventEnvelope, partition: Int) {
        self.envelope = envelope
        self.partition = partition
    }

    init(_ next: inout RowReader) throws {
        let number = try next.integer()
        envelope = EventEnvelope(
            id: try next.identifier(), source: try next.text(), type: try next.text(),
            subject: try next.identifier(), time: try next.timestamp(), traceparent: try next.optionalText(),
            data: try next.json(), reach: EventReach(rawValue: try next.text()) ?? .internal, number: number,
            version: try next.integer())
        partition = try next.integer()
    }

    /// In the order of `columns`.
    var values: Statement {
        """
        \(envelope.number), \(envelope.id), \(envelope.source), \(envelope.type), \(envelope.subject), \(envelope.time),
        \(envelope.traceparent), \(json: envelope.data), \(envelope.reach.rawValue),
        \(envelope.version), \(partition)
        """
    }
}

extension [Int] {
    /// For `number IN (\(numbers.rows))`: one statement for any count.
    var rows: Statement {
        let open = DialectText(
            sqlite: "SELECT value FROM json_each(", postgres: "SELECT value::bigint FROM jsonb_array_elements_text(")
        let text = "[\(map(String.init).joined(separator: ","))]"
        return "\(open)\(json: text))"
    }
}
