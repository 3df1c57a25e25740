import JSON
import Messaging
import NotificationsDomain
import Shared

/// What receivers get: a CloudEvents 1.0 envelope in its JSON format.
enum WebhookEnvelope {
    static let testType = "webhook.test"

    static func event(_ envelope: EventEnvelope) throws -> WebhookEvent {
        let data = try JSONValue(parsing: Array(envelope.data.utf8))
        var writer = JSONWriter()
        writer.object { writer in
            attributes(
                envelope.id, envelope.source, envelope.type, envelope.subject, envelope.time, &writer)
            writer.key("sequence")
            writer.string(envelope.sequence)
            if let traceparent = envelope.traceparent {
                writer.key("traceparent")
                writer.string(traceparent)
            }
            writer.key("data")
            writer.value(data)
        }
        return WebhookEvent(
            id: envelope.id, type: envelope.type, subject: envelope.subject,
            body: String(decoding: writer.bytes, as: UTF8.self))
    }

    /// An event that means nothing.
    static func test(_ id: Identifier, _ now: Timestamp) -> WebhookEvent {
        var writer = JSONWriter()
        writer.object { writer in
            attributes(id, "/gapura/notifications", testType, id, now, &writer)
            writer.key("data")
            writer.object { _ in }
        }
        return WebhookEvent(
            id: id, type: testType, subject: id, body: String(decoding: writer.bytes, as: UTF8.self))
    }

    private static func attributes(
        _ id: Identifier, _ source: String, _ type: String, _ subject: Identifier, _ time: Timestamp,
        _ writer: inout JSONWriter
    ) {
        let members = [
            ("specversion", "1.0"), ("id", id.description), ("source", source), ("type", type),
            ("subject", subject.description), ("time", time.description), ("datacontenttype", "application/json"),
        ]
        for (name, value) in members {
            writer.key(name)
            writer.string(value)
        }
    }
}
