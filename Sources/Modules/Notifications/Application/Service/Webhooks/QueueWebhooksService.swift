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

    /// Those of the types that some endpoint wants now.
    package func wanted(of types: Set<String>) async throws -> Set<String> {
        let endpoints = try await work.read { try $0.webhookEndpoints.all() }
        return endpoints.isEmpty ? [] : types.filter { type in endpoints.contains { $0.wants(type) } }
    }

    package func callAsFunction(_ event: WebhookEvent) async throws {
        let now = clock.now
        let (work, identifiers) = (work, identifiers)
        try await work.write { context in
            let wanting = try context.webhookEndpoints.all().filter { $0.wants(event.type) }.map(\.id).sorted()
            // An event that interests nobody leaves nothing.
            guard !wanting.isEmpty, try context.accept(eventID: event.id, at: now) else { return }
            for endpointID in wanting {
                guard let endpoint = try context.webhookEndpoints.lock(endpointID), endpoint.wants(event.type) else {
                    continue
                }
                let waits =
                    endpoint.settings.isOrdered
                    ? try !context.webhookDeliveries.pending(of: endpointID, limit: 1).isEmpty : false
                let delivery = WebhookDelivery(
                    id: identifiers.next(), endpointID: endpointID, event: event, nextAttemptAt: now, createdAt: now)
                try context.webhookDeliveries.insert(delivery)
                // With an order, the end of the one before starts it.
                if !waits { try context.webhookQueue.start(delivery) }
            }
        }
    }
}
