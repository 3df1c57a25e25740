import JSON
import Messaging
import NotificationsDomain
import Shared

/// What receivers get: a CloudEvents 1.0 envelope in its JSON format.
struct WebhookEnvelopes: Sendable {
    static let testType = "webhook.test"

    /// Where the schemas of events are.
    let appURL: String

    func event(_ envelope: EventEnvelope) -> WebhookEvent {
        let body = JSONValue.object(envelope.cloudEvent(appURL: appURL)).serialized
        return WebhookEvent(
            id: envelope.id, type: envelope.type, subject: envelope.subject,
            body: String(decoding: body, as: UTF8.self))
    }

    /// An event that means nothing.
    @Sendable func test(_ id: Identifier, _ now: Timestamp) -> WebhookEvent {
        // No schema is served for it, as for those that stay inside.
        event(
            EventEnvelope(
                id: id, source: "/gapura/notifications", type: Self.testType, subject: id, time: now,
                traceparent: nil, data: "{}", reach: .internal, number: 0))
    }
}
