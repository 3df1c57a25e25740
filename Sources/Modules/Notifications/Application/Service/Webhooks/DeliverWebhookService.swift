import NotificationsContract
import NotificationsDomain
import Shared

/// Makes one attempt after the other to bring an event to an endpoint.
package struct DeliverWebhookService: Sendable {
    package enum Outcome: Sendable, Equatable {
        case ended
        case again(at: Timestamp)
    }

    private let work: any NotificationsWork
    private let sender: any WebhookSender
    private let secrets: any WebhookSecrets
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    private let jitter: @Sendable () -> Double
    private let logger: Logger

    /// Where nothing is sent for a while, nothing is looked at more often than that.
    private static let pauseMin: Duration = .seconds(60)

    package init(
        work: any NotificationsWork, sender: any WebhookSender, secrets: any WebhookSecrets, clock: any WallClock,
        identifiers: any IdentifierSource, jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        logger: Logger
    ) {
        self.work = work
        self.sender = sender
        self.secrets = secrets
        self.clock = clock
        self.identifiers = identifiers
        self.jitter = jitter
        self.logger = logger
    }

    /// - Parameter round: which one was started; an earlier one than the delivery's is over.
    package func callAsFunction(_ id: WebhookDeliveryID, round: Int) async throws -> Outcome {
        let found = try await work.read { context -> (WebhookDelivery, WebhookEndpoint)? in
            guard let delivery = try context.webhookDeliveries.find(id),
                let endpoint = try context.webhookEndpoints.find(delivery.endpointID)
            else { return nil }
            return (delivery, endpoint)
        }
        guard let (delivery, endpoint) = found, delivery.state == .pending, delivery.round == round else {
            return .ended
        }
        guard endpoint.isEnabled else {
            return try await settle(delivery) { delivery, _ in delivery.giveUp(at: clock.now) }
        }
        guard delivery.nextAttemptAt <= clock.now else { return .again(at: delivery.nextAttemptAt) }
        let open = try endpoint.secrets(at: clock.now).map { try secrets.open($0, of: endpoint.id.value) }
        switch try await sender.send(delivery.event, to: endpoint.settings.url, secrets: open) {
        case .paused(let pause):
            let until = clock.now + max(pause, Self.pauseMin) * (1 + jitter())
            return try await settle(delivery) { delivery, _ in delivery.postpone(until: until) }
        case .tried(let attempt):
            let jitter = jitter()
            return try await settle(delivery) { delivery, endpoint in
                if attempt.hasArrived {
                    delivery.arrived(attempt)
                    endpoint.succeeded()
                } else {
                    delivery.failed(attempt, jitter: jitter)
                    endpoint.failed(at: attempt.endedAt)
                    if attempt.isGone { endpoint.disable(.gone, at: attempt.endedAt) }
                    if delivery.state == .failed, endpoint.isHopeless(at: attempt.endedAt) {
                        endpoint.disable(.failing, at: attempt.endedAt)
                    }
                    if !endpoint.isEnabled { delivery.giveUp(at: attempt.endedAt) }
                }
            }
        }
    }

    /// Writes what became of an attempt, unless another run was faster, and starts what waited for it.
    private func settle(
        _ seen: WebhookDelivery, _ change: @escaping @Sendable (inout WebhookDelivery, inout WebhookEndpoint) -> Void
    ) async throws -> Outcome {
        let (now, noticeID) = (clock.now, NotificationID(identifiers.next()))
        let (outcome, disabled) = try await work.write { context -> (Outcome, WebhookEndpoint?) in
            guard let before = try context.webhookEndpoints.lock(seen.endpointID),
                var delivery = try context.webhookDeliveries.find(seen.id), delivery.state == .pending,
                delivery.round == seen.round
            else { return (.ended, nil) }
            guard delivery == seen else { return (.again(at: delivery.nextAttemptAt), nil) }
            var endpoint = before
            change(&delivery, &endpoint)
            try context.webhookDeliveries.update(delivery)
            if endpoint != before { try context.webhookEndpoints.update(endpoint) }
            let isDisabled = before.isEnabled && !endpoint.isEnabled
            if isDisabled { try context.tellOwner(of: endpoint, noticeID, at: now) }
            guard delivery.state != .pending else { return (.again(at: delivery.nextAttemptAt), nil) }
            if endpoint.settings.isOrdered { try context.startPending(of: endpoint.id, limit: 1) }
            return (.ended, isDisabled ? endpoint : nil)
        }
        if let disabled {
            logger.warning(
                "a webhook was switched off: nothing arrived",
                ["webhook": LogValue(disabled.id), "reason": .text(disabled.disabled?.rawValue ?? "")])
        }
        return outcome
    }
}

extension NotificationsContext {
    /// That an endpoint was switched off, and nobody did it.
    fileprivate func tellOwner(of endpoint: WebhookEndpoint, _ id: NotificationID, at now: Timestamp) throws {
        try audit(.done("webhook.disabled", by: "system", on: "webhook:\(endpoint.id)"))
        guard let owner = endpoint.ownerID else { return }
        try notifications.insert(
            Notification(
                id: id,
                dedupeKey: Notification.dedupeKey(.webhookDisabled, occasion: "\(endpoint.id):\(now.milliseconds)"),
                template: .webhookDisabled, reference: endpoint.id.value, userID: owner, nextAttemptAt: now,
                createdAt: now))
    }
}
