import AccountsContract
import Messaging
import NotificationsApplication
import Shared

/// Hears what Accounts tells.
struct AccountsEventConsumer: Sendable {
    let queue: any QueueNotification
    /// Called when a message may wait to be sent.
    let queued: @Sendable () -> Void

    var subscriptions: [Subscription] {
        [
            .on(UserCreated.self, consumer: "notifications") { event, envelope in
                guard let id = event.validationID else { return }
                try await take(envelope, about: id)
            },
            .on(UserVerificationRequested.self, consumer: "notifications") { event, envelope in
                try await take(envelope, about: event.validationID)
            },
        ]
    }

    private func take(_ envelope: EventEnvelope, about id: ValidationID) async throws {
        try await queue(
            QueueNotificationCommand(eventID: envelope.id, eventType: envelope.type, reference: id.value))
        queued()
    }
}
