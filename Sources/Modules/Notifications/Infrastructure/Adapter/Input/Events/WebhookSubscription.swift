import Messaging
import NotificationsApplication
import NotificationsDomain
import Shared

/// Hears of everything, and takes what is public to those who want it.
struct WebhookSubscription: Sendable {
    /// A group of its own: mails do not wait for webhooks, nor the other way round.
    static let consumer = "webhooks"

    let queue: QueueWebhooksService
    let envelopes: WebhookEnvelopes

    var subscription: Subscription {
        .onEverything(consumer: Self.consumer) { envelope in
            guard envelope.reach == .public else { return }
            try await queue(envelope.type) { envelopes.event(envelope) }
        }
    }
}
