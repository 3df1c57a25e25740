import NotificationsContract
import NotificationsDomain
import Shared

/// The endpoints of the platform: who hears of events.
package struct ManageWebhooksService: Sendable {
    package enum Outcome: Sendable {
        case done(WebhookEndpoint)
        case unknown
        /// What is wrong with the URL.
        case invalidURL(String)
        /// The first of `eventTypes` that no module publishes for others.
        case unknownEventType(String, at: Int)
        case tooMany
    }

    /// With a secret that nobody sees again; nil if the request was made before.
    package enum SecretOutcome: Sendable {
        case done(WebhookEndpoint, Secret<String>?)
        case refused(Outcome)
    }

    private let work: any NotificationsWork
    private let sender: any WebhookSender
    private let secrets: any WebhookSecrets
    private let eventTypes: Set<String>
    private let clock: any WallClock

    /// - Parameter eventTypes: those that leave this installation.
    package init(
        work: any NotificationsWork, sender: any WebhookSender, secrets: any WebhookSecrets, eventTypes: Set<String>,
        clock: any WallClock
    ) {
        self.work = work
        self.sender = sender
        self.secrets = secrets
        self.eventTypes = eventTypes
        self.clock = clock
    }

    package func list() async throws -> [WebhookEndpoint] { try await work.read { try $0.webhookEndpoints.all() } }

    package func find(_ id: WebhookEndpointID) async throws -> WebhookEndpoint? {
        try await work.read { try $0.webhookEndpoints.find(id) }
    }

    package func create(
        _ id: WebhookEndpointID, _ settings: WebhookSettings, by principal: Principal
    ) async throws -> SecretOutcome {
        if let problem = sender.refusal(of: settings.url) { return .refused(.invalidURL(problem)) }
        if let refusal = refusal(of: settings.eventTypes) { return .refused(refusal) }
        let (now, secret) = (clock.now, secrets.make())
        let endpoint = WebhookEndpoint(
            id: id, settings: settings, ownerID: principal.isServiceAccount ? nil : principal.userID,
            secret: try secrets.seal(secret, of: id.value),
            createdAt: now, updatedAt: now)
        let text = secrets.text(secret)
        return try await work.write { context in
            if let known = try context.webhookEndpoints.find(id) { return .done(known, nil) }
            guard try context.webhookEndpoints.all().count < WebhookEndpoint.countMax else { return .refused(.tooMany) }
            guard try context.webhookEndpoints.insert(endpoint) else { return .done(endpoint, nil) }
            try context.note("webhook.created", endpoint, by: principal)
            return .done(endpoint, text)
        }
    }

    package func change(
        _ id: WebhookEndpointID, by principal: Principal,
        _ apply: @escaping @Sendable (inout WebhookSettings) -> Void
    ) async throws -> Outcome {
        let now = clock.now
        return try await work.write { [self] context in
            guard var endpoint = try context.webhookEndpoints.lock(id) else { return .unknown }
            var settings = endpoint.settings
            apply(&settings)
            guard settings != endpoint.settings else { return .done(endpoint) }
            if settings.url != endpoint.settings.url, let problem = sender.refusal(of: settings.url) {
                return .invalidURL(problem)
            }
            // Those of before stay, also if a module publishes them no more.
            if settings.eventTypes != endpoint.settings.eventTypes, let refusal = refusal(of: settings.eventTypes) {
                return refusal
            }
            let endsOrder = endpoint.settings.isOrdered && !settings.isOrdered
            endpoint.change(settings, at: now)
            try context.webhookEndpoints.update(endpoint)
            // What waited for its turn has it now.
            if endsOrder { try context.startPending(of: id, limit: .max) }
            try context.note("webhook.changed", endpoint, by: principal)
            return .done(endpoint)
        }
    }

    private func refusal(of types: [String]) -> Outcome? {
        types.indices.first { types[$0] != WebhookSettings.everything && !eventTypes.contains(types[$0]) }
            .map { .unknownEventType(types[$0], at: $0) }
    }

    /// Events of the time while it was off are not sent by themselves.
    package func setEnabled(
        _ isEnabled: Bool, _ id: WebhookEndpointID, by principal: Principal
    ) async throws -> Outcome {
        let now = clock.now
        return try await work.write { context in
            guard var endpoint = try context.webhookEndpoints.lock(id) else { return .unknown }
            guard endpoint.isEnabled != isEnabled else { return .done(endpoint) }
            if isEnabled { endpoint.enable(at: now) } else { endpoint.disable(.staff, at: now) }
            try context.webhookEndpoints.update(endpoint)
            try context.note(isEnabled ? "webhook.enabled" : "webhook.disabled", endpoint, by: principal)
            return .done(endpoint)
        }
    }

    /// Both secrets sign for a day.
    package func rotateSecret(_ id: WebhookEndpointID, by principal: Principal) async throws -> SecretOutcome {
        let (now, secret) = (clock.now, secrets.make())
        let (sealed, text) = (try secrets.seal(secret, of: id.value), secrets.text(secret))
        return try await work.write { context in
            guard var endpoint = try context.webhookEndpoints.lock(id) else { return .refused(.unknown) }
            endpoint.rotate(to: sealed, at: now)
            try context.webhookEndpoints.update(endpoint)
            try context.note("webhook.secret_rotated", endpoint, by: principal)
            return .done(endpoint, text)
        }
    }

    package func delete(_ id: WebhookEndpointID, by principal: Principal) async throws -> Bool {
        try await work.write { context in
            guard let endpoint = try context.webhookEndpoints.lock(id) else { return false }
            try context.webhookEndpoints.remove(id)
            try context.note("webhook.deleted", endpoint, by: principal)
            return true
        }
    }
}

extension NotificationsContext {
    func note(_ action: String, _ endpoint: WebhookEndpoint, by principal: Principal) throws {
        try audit(.done(action, on: "webhook:\(endpoint.id)", by: principal))
    }

    /// Starts what is pending, the oldest first.
    func startPending(of endpoint: WebhookEndpointID, limit: Int) throws {
        for delivery in try webhookDeliveries.pending(of: endpoint, limit: limit) {
            try webhookQueue.start(delivery)
        }
    }
}
