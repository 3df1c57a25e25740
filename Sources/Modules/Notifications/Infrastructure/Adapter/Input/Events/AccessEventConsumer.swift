import AccessContract
import Messaging
import NotificationsApplication
import Shared

/// Hears what Access tells of people's keys.
struct AccessEventConsumer: Sendable {
    let queue: QueueNotificationService
    /// Called when a message may wait to be sent.
    let queued: @Sendable () -> Void

    var subscriptions: [Subscription] {
        [
            .on(APIKeyCreated.self, consumer: "notifications") { event, envelope in
                // Whoever makes a key for themselves knows.
                guard let owner = event.userID, event.madeBy != nil else { return }
                try await take(envelope, to: owner, occasion: "\(event.apiKeyID)")
            },
            .on(APIKeyChanged.self, consumer: "notifications") { event, envelope in
                guard let owner = event.userID, event.changedBy != nil else { return }
                try await take(envelope, to: owner, occasion: "\(envelope.id)")
            },
            .on(APIKeyRevoked.self, consumer: "notifications") { event, envelope in
                guard let owner = event.userID, event.revokedBy != nil else { return }
                try await take(envelope, to: owner, occasion: "\(event.apiKeyID)")
            },
            .on(APIKeyServicesNeeded.self, consumer: "notifications") { event, envelope in
                // One mail, however many keys there are.
                try await take(envelope, to: event.userID, occasion: "\(event.userID)")
            },
        ]
    }

    private func take(_ envelope: EventEnvelope, to person: Identifier, occasion: String) async throws {
        try await queue(
            QueueNotificationCommand(
                eventID: envelope.id, eventType: envelope.type, reference: person, userID: person, occasion: occasion))
        queued()
    }
}
