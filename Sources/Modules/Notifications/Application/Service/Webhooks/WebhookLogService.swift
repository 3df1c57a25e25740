import NotificationsContract
import NotificationsDomain
import Shared

/// What became of events at an endpoint, and sending them again.
package struct WebhookLogService: Sendable {
    private let work: any NotificationsWork
    private let clock: any WallClock

    /// So many are sent again by one request at most.
    package static let restartsMax = 1_000

    package init(work: any NotificationsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    /// - Returns: nil if there is no such endpoint.
    package func list(
        of endpoint: WebhookEndpointID, _ state: WebhookDelivery.State?, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<WebhookDelivery, NewestFirst>? {
        try await work.read { context in
            guard try context.webhookEndpoints.find(endpoint) != nil else { return nil }
            return try context.webhookDeliveries.list(of: endpoint, state, part)
        }
    }

    package func find(
        _ id: WebhookDeliveryID, of endpoint: WebhookEndpointID
    ) async throws -> WebhookDelivery? {
        try await work.read { try $0.webhookDeliveries.find(id) }.flatMap { $0.endpointID == endpoint ? $0 : nil }
    }

    package enum RestartOutcome: Sendable {
        case done([WebhookDelivery])
        case unknown
        case isDisabled
    }

    /// Sends one again from the beginning; one that is still on its way at once.
    package func restart(
        _ id: WebhookDeliveryID, of endpoint: WebhookEndpointID, by principal: Principal
    ) async throws -> RestartOutcome {
        try await restart(of: endpoint, by: principal) { context in
            try context.webhookDeliveries.find(id).flatMap { $0.endpointID == endpoint ? [$0] : nil }
        }
    }

    /// Sends all of a time again, the oldest first.
    ///
    /// - Parameter states: those that have ended.
    package func restart(
        from start: Timestamp, to end: Timestamp, _ states: [WebhookDelivery.State], of endpoint: WebhookEndpointID,
        by principal: Principal
    ) async throws -> RestartOutcome {
        try await restart(of: endpoint, by: principal) { context in
            try context.webhookDeliveries.ended(
                of: endpoint, from: start, to: end, states, limit: Self.restartsMax)
        }
    }

    private func restart(
        of endpointID: WebhookEndpointID, by principal: Principal,
        _ chosen: @escaping @Sendable (any NotificationsContext) throws -> [WebhookDelivery]?
    ) async throws -> RestartOutcome {
        let now = clock.now
        return try await work.write { context in
            guard let endpoint = try context.webhookEndpoints.lock(endpointID),
                var deliveries = try chosen(context)
            else { return .unknown }
            guard endpoint.isEnabled else { return .isDisabled }
            for index in deliveries.indices {
                deliveries[index].restart(at: now)
                try context.webhookDeliveries.update(deliveries[index])
                if !endpoint.settings.isOrdered { try context.webhookQueue.start(deliveries[index]) }
            }
            if endpoint.settings.isOrdered { try context.startPending(of: endpointID, limit: 1) }
            if !deliveries.isEmpty { try context.note("webhook.redelivered", endpoint, by: principal) }
            return .done(deliveries)
        }
    }
}
