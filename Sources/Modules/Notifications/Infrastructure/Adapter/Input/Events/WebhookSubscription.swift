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
        .onEverything(consumer: Self.consumer) { batch in
            let events = batch.filter { $0.reach == .public }
            guard !events.isEmpty else { return [] }
            let wanted = try await queue.wanted(of: Set(events.map(\.type)))
            return events.filter { wanted.contains($0.type) }
        } handle: { envelope in
            try await queue(envelopes.event(envelope))
        }
    }
}
