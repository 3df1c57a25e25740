import NotificationsContract
import NotificationsDomain
import Shared

/// Turns a public event into a delivery for each endpoint that wants it.
package struct QueueWebhooksService: Sendable {
    private let work: any NotificationsWork
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    /// - Parameter work: of a consumer of its own, so that what mails make of an event does not count.
    package init(work: any NotificationsWork, clock: any WallClock, identifiers: any IdentifierSource) {
        self.work = work
        self.clock = clock
        self.identifiers = identifiers
    }

    package func callAsFunction(_ event: WebhookEvent) async throws {
        // Most events interest nobody, and leave nothing.
        let wanting = try await work.read { context in
            try context.webhookEndpoints.all().filter { $0.wants(event.type) }.map(\.id)
        }
        guard !wanting.isEmpty else { return }
        let now = clock.now
        let ids: [(endpoint: WebhookEndpointID, delivery: WebhookDeliveryID)] = wanting.sorted().map {
            ($0, identifiers.next())
        }
        try await work.write { context in
            guard try context.accept(eventID: event.id, at: now) else { return }
            for (endpointID, id) in ids {
                guard let endpoint = try context.webhookEndpoints.lock(endpointID), endpoint.wants(event.type) else {
                    continue
                }
                let waits =
                    endpoint.settings.isOrdered
                    ? try !context.webhookDeliveries.pending(of: endpointID, limit: 1).isEmpty : false
                let delivery = WebhookDelivery(
                    id: id, endpointID: endpointID, event: event, nextAttemptAt: now, createdAt: now)
                try context.webhookDeliveries.insert(delivery)
                // With an order, the end of the one before starts it.
                if !waits { try context.webhookQueue.start(delivery) }
            }
        }
    }
}
