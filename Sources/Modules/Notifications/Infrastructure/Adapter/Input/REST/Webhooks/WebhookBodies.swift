import HTTP
import JSON
import Lists
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared

extension FieldType where Value == String {
    /// `*` or the type of an event.
    static var eventType: FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "maxLength": 100, "pattern": "^([*]|[a-z0-9_]+([.][a-z0-9_]+){1,3})$",
                "examples": ["user.created"],
            ]
        }
        return FieldType(schema: schema(), placeholder: "*") { value in
            guard let text = value.text, WebhookSettings.isEventType(text) else {
                return .failure("must be a type of events such as user.created, or *")
            }
            return .success(text)
        }
    }
}

struct CreateWebhookBody: Input {
    let settings: WebhookSettings

    init(_ fields: inout Fields) {
        settings = WebhookSettings(
            url: fields.required("url", .text(1...2_048)),
            description: fields.optional("description", .name(1...200)) ?? "",
            eventTypes: fields.required("event_types", .list(of: .eventType, 1...100)),
            isOrdered: fields.optional("ordered", .flag) ?? false)
    }
}

struct ChangeWebhookBody: Input {
    private let url: String?
    private let description: Change<String>
    private let eventTypes: [String]?
    private let isOrdered: Bool?

    init(_ fields: inout Fields) {
        url = fields.optional("url", .text(1...2_048))
        description = fields.change("description", .name(1...200))
        eventTypes = fields.optional("event_types", .list(of: .eventType, 1...100))
        isOrdered = fields.optional("ordered", .flag)
    }

    @Sendable func apply(to settings: inout WebhookSettings) {
        settings.url = url ?? settings.url
        switch description {
        case .keep: break
        case .clear: settings.description = ""
        case .set(let text): settings.description = text
        }
        settings.eventTypes = eventTypes ?? settings.eventTypes
        settings.isOrdered = isOrdered ?? settings.isOrdered
    }
}

struct WebhookDeliveriesQuery: ListQuery {
    let state: WebhookDelivery.State?
    let page: PageQuery

    init(_ fields: inout Fields) {
        let states = WebhookDelivery.State.allCases.map(\.rawValue)
        state = fields.optional("state", .choice(states)).flatMap { WebhookDelivery.State(rawValue: $0) }
        page = PageQuery(&fields)
    }
}

/// Which deliveries are sent again.
struct RedeliverBody: Input {
    let start: Timestamp
    let end: Timestamp?
    let states: [WebhookDelivery.State]

    init(_ fields: inout Fields) {
        start = fields.required("since", .moment)
        end = fields.optional("until", .moment)
        switch fields.optional("state", .choice(["failed", "delivered", "all"])) {
        case "delivered": states = [.delivered]
        case "all": states = [.delivered, .failed]
        default: states = [.failed]
        }
    }
}

struct WebhookAnswer: Output {
    let endpoint: WebhookEndpoint

    static let shape = Shape<WebhookAnswer>("Webhook") { shape in members(&shape) { $0 } }

    /// - Parameter answer: where the endpoint is in what is written.
    static func members<Root>(
        _ shape: inout Shape<Root>.Builder, _ answer: @escaping @Sendable (Root) -> WebhookAnswer
    ) {
        shape.member("id", .id) { answer($0).endpoint.id }
        shape.member("url", .text) { answer($0).endpoint.settings.url }
        shape.member("description", .text) { answer($0).endpoint.settings.description }
        shape.member("event_types", .list(of: .text)) { answer($0).endpoint.settings.eventTypes }
        shape.member("ordered", .bool) { answer($0).endpoint.settings.isOrdered }
        shape.member("enabled", .bool) { answer($0).endpoint.isEnabled }
        shape.nullable("disabled_because", .text) { answer($0).endpoint.disabled?.rawValue }
        shape.nullable("failing_since", .timestamp) { answer($0).endpoint.failingSince }
        shape.nullable("older_secret_until", .timestamp) { answer($0).endpoint.olderSecret?.until }
        shape.member("created_at", .timestamp) { answer($0).endpoint.createdAt }
        shape.member("updated_at", .timestamp) { answer($0).endpoint.updatedAt }
    }
}

/// An endpoint whose secret was just made.
struct WebhookSecretAnswer: Output {
    /// The member that is shown once.
    static let secret = "secret"

    let answer: WebhookAnswer
    /// Nil if the request was made before.
    let text: Secret<String>?

    static let shape = Shape<WebhookSecretAnswer>("WebhookWithSecret") { shape in
        shape.optional(Self.secret, .text) { $0.text?.reveal() }
        WebhookAnswer.members(&shape) { $0.answer }
    }
}

struct WebhookDeliveryAnswer: Output {
    let delivery: WebhookDelivery

    static let shape = Shape<WebhookDeliveryAnswer>("WebhookDelivery") { shape in
        shape.member("id", .id) { $0.delivery.id }
        shape.member("event_id", .text) { $0.delivery.event.id.description }
        shape.member("event_type", .text) { $0.delivery.event.type }
        shape.member("state", .text) { $0.delivery.state.rawValue }
        shape.member("attempts", .integer) { Int64($0.delivery.attempts) }
        shape.nullable("next_attempt_at", .timestamp) {
            $0.delivery.state == .pending ? $0.delivery.nextAttemptAt : nil
        }
        shape.nullable("last_attempt", .object) { $0.delivery.lastAttempt.map { WebhookAttemptAnswer(attempt: $0) } }
        shape.member("created_at", .timestamp) { $0.delivery.createdAt }
        shape.nullable("ended_at", .timestamp) { $0.delivery.endedAt }
    }
}

struct WebhookAttemptAnswer: Output {
    let attempt: WebhookAttempt

    static let shape = Shape<WebhookAttemptAnswer>("WebhookAttempt") { shape in
        shape.nullable("status", .integer) { $0.attempt.status.map { Int64($0) } }
        shape.nullable("error", .text) { $0.attempt.error }
        shape.member("answer", .text) { $0.attempt.answer }
        shape.member("started_at", .timestamp) { $0.attempt.startedAt }
        shape.member("ended_at", .timestamp) { $0.attempt.endedAt }
    }
}

struct RedeliveredAnswer: Output {
    let count: Int

    static let shape = Shape<RedeliveredAnswer>("Redelivered") { shape in
        shape.member("count", .integer) { Int64($0.count) }
    }
}
