import NotificationsContract
import NotificationsDomain
import Shared

/// Sends an event that means nothing to an endpoint, at once, and says how it went.
package struct TestWebhookService: Sendable {
    package enum Outcome: Sendable {
        case tried(WebhookAttempt)
        case paused(Duration)
        case unknown
    }

    private let work: any NotificationsWork
    private let sender: any WebhookSender
    private let secrets: any WebhookSecrets
    private let envelope: @Sendable (Identifier, Timestamp) -> WebhookEvent
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    /// - Parameter envelope: the event of an id and a moment.
    package init(
        work: any NotificationsWork, sender: any WebhookSender, secrets: any WebhookSecrets,
        envelope: @escaping @Sendable (Identifier, Timestamp) -> WebhookEvent, clock: any WallClock,
        identifiers: any IdentifierSource
    ) {
        self.work = work
        self.sender = sender
        self.secrets = secrets
        self.envelope = envelope
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Also to one that is switched off: before it is switched on again.
    package func callAsFunction(_ id: WebhookEndpointID, by principal: Principal) async throws -> Outcome {
        let endpoint = try await work.write { context -> WebhookEndpoint? in
            guard let endpoint = try context.webhookEndpoints.find(id) else { return nil }
            try context.note("webhook.tested", endpoint, by: principal)
            return endpoint
        }
        guard let endpoint else { return .unknown }
        let open = try endpoint.secrets(at: clock.now).map { try secrets.open($0, of: id.value) }
        let event = envelope(identifiers.next(), clock.now)
        switch try await sender.send(event, to: endpoint.settings.url, secrets: open) {
        case .tried(let attempt): return .tried(attempt)
        case .paused(let pause): return .paused(pause)
        }
    }
}
