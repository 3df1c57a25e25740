import NotificationsContract
import NotificationsDomain
import Shared

/// Turns a public event into a delivery for each endpoint that wants it.
package struct QueueWebhooksService: Sendable {
    private let work: any NotificationsWork
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    /// One look for all events that come at the same time.
    private let endpoints: JoinedRead<[WebhookEndpoint]>

    /// - Parameter work: of a consumer of its own, so that what mails make of an event does not count.
    package init(work: any NotificationsWork, clock: any WallClock, identifiers: any IdentifierSource) {
        self.work = work
        self.clock = clock
        self.identifiers = identifiers
        endpoints = JoinedRead { try await work.read { try $0.webhookEndpoints.all() } }
    }

    /// - Parameters:
    ///   - type: of the event.
    ///   - make: the event; called only if an endpoint wants it.
    package func callAsFunction(_ type: String, _ make: () -> WebhookEvent) async throws {
        // Most events interest nobody, and leave nothing.
        let wanting = try await endpoints().filter { $0.wants(type) }.map(\.id)
        guard !wanting.isEmpty else { return }
        let event = make()
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
