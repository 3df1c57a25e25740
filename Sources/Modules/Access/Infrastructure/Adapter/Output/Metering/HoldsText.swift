import AccessContract
import AccessDomain
import JSON
import Shared

/// The counters of a reservation as JSON, for its row.
enum HoldsText {
    static func text(of holds: [StoredReservation.Hold]) -> String {
        var writer = JSONWriter()
        writer.array { writer in
            for hold in holds { write(hold, &writer) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// - Throws: `InternalFailure` for anything else than `text` gives.
    static func holds(of text: String) throws -> [StoredReservation.Hold] {
        guard let elements = try? JSONValue(parsing: Array(text.utf8)).elements else { throw unreadable }
        return try elements.map(hold)
    }

    private static let unreadable = InternalFailure("a reservation's counters cannot be read")

    private static func write(_ hold: StoredReservation.Hold, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("kind")
            writer.integer(Int64(hold.id.subject.kind.rawValue))
            writer.key("subject")
            writer.string(hold.id.subject.value.description)
            if let service = hold.id.service {
                writer.key("service")
                writer.string(service.description)
            }
            writer.key("unit")
            writer.integer(Int64(hold.id.unit.rawValue))
            writer.key("start")
            writer.integer(hold.window.start.milliseconds)
            writer.key("end")
            writer.integer(hold.window.end.milliseconds)
            if hold.limit != Limit.unlimited {
                writer.key("limit")
                writer.integer(Int64(hold.limit))
            }
            writer.key("soft")
            writer.bool(hold.isSoft)
            writer.key("policy")
            writer.string(hold.policy)
        }
    }

    private static func hold(_ value: JSONValue) throws -> StoredReservation.Hold {
        guard let kind = value["kind"]?.integer.flatMap(UInt8.init(exactly:)).flatMap(SubjectKey.Kind.init(rawValue:)),
            let subject = value["subject"]?.text.flatMap({ Identifier($0) }),
            let unit = value["unit"]?.integer.flatMap({ CounterUnit(rawValue: Int($0)) }),
            let start = value["start"]?.integer, let end = value["end"]?.integer, let isSoft = value["soft"]?.flag,
            let policy = value["policy"]?.text
        else { throw unreadable }
        var service: ServiceID?
        if let text = value["service"]?.text {
            guard let id = ServiceID(text: text) else { throw unreadable }
            service = id
        }
        return StoredReservation.Hold(
            id: CounterID(subject: SubjectKey(kind, subject), service: service, unit: unit),
            window: TimeWindow(start: Timestamp(milliseconds: start), end: Timestamp(milliseconds: end)),
            limit: value["limit"]?.integer.map { Int($0) } ?? Limit.unlimited, isSoft: isSoft, policy: policy)
    }
}
