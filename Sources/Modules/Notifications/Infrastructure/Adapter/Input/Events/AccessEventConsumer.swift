import AccessContract
import Messaging
import NotificationsApplication
import Shared

/// Hears what Access tells of people's keys and quotas.
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
            .on(QuotaThresholdReached.self, consumer: "notifications") { event, envelope in
                try await take(envelope, event)
            },
            .on(QuotaExhausted.self, consumer: "notifications") { event, envelope in
                try await take(envelope, event)
            },
        ]
    }

    /// One mail a day about one limit, however short its window is. A tenant's quota is no person's to hear of.
    private func take(_ envelope: EventEnvelope, _ event: some QuotaEvent) async throws {
        guard case .user(let person) = event.holder else { return }
        let quota = event.quota
        var details = [
            "plan": quota.plan, "used": String(quota.used), "limit": String(quota.limit),
            "until": quota.windowEnd.minuteText,
        ]
        details["service"] = quota.service
        let occasion = "\(person):\(quota.policy):\(quota.service ?? ""):\(envelope.time.seconds / 86_400)"
        try await take(envelope, to: person, occasion: occasion, details: details)
    }

    private func take(
        _ envelope: EventEnvelope, to person: Identifier, occasion: String, details: [String: String] = [:]
    ) async throws {
        try await queue(
            QueueNotificationCommand(
                eventID: envelope.id, eventType: envelope.type, reference: person, userID: person, occasion: occasion,
                details: details))
        queued()
    }
}
