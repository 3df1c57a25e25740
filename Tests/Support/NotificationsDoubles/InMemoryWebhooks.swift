import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared
import TestSupport

struct InMemoryWebhookEndpoints: WebhookEndpointRepository {
    let memory: InMemoryContext<NotificationsStore>

    func all() throws -> [WebhookEndpoint] { memory.store.webhookEndpoints.values.sorted { $0.id < $1.id } }

    func find(_ id: WebhookEndpointID) throws -> WebhookEndpoint? { memory.store.webhookEndpoints[id] }

    func lock(_ id: WebhookEndpointID) throws -> WebhookEndpoint? { memory.store.webhookEndpoints[id] }

    func insert(_ endpoint: WebhookEndpoint) throws -> Bool {
        try memory.change { store in
            guard store.webhookEndpoints[endpoint.id] == nil else { return false }
            store.webhookEndpoints[endpoint.id] = endpoint
            return true
        }
    }

    func update(_ endpoint: WebhookEndpoint) throws {
        try memory.change { store in
            if store.webhookEndpoints[endpoint.id] != nil { store.webhookEndpoints[endpoint.id] = endpoint }
        }
    }

    func remove(_ id: WebhookEndpointID) throws {
        try memory.change { store in
            store.webhookEndpoints[id] = nil
            store.webhookDeliveries = store.webhookDeliveries.filter { $0.value.endpointID != id }
        }
    }

    func forgetOwner(_ userID: Identifier) throws {
        try memory.change { store in
            for endpoint in store.webhookEndpoints.values where endpoint.ownerID == userID {
                store.webhookEndpoints[endpoint.id] = WebhookEndpoint(
                    id: endpoint.id, settings: endpoint.settings, ownerID: nil, secret: endpoint.secret,
                    olderSecret: endpoint.olderSecret, disabled: endpoint.disabled,
                    failingSince: endpoint.failingSince, createdAt: endpoint.createdAt, updatedAt: endpoint.updatedAt)
            }
        }
    }
}

struct InMemoryWebhookDeliveries: WebhookDeliveryRepository, WebhookQueue {
    let memory: InMemoryContext<NotificationsStore>

    private var all: [WebhookDelivery] { memory.store.webhookDeliveries.values.sorted { $0.id < $1.id } }

    func insert(_ delivery: WebhookDelivery) throws {
        try memory.change { $0.webhookDeliveries[delivery.id] = delivery }
    }

    func find(_ id: WebhookDeliveryID) throws -> WebhookDelivery? { memory.store.webhookDeliveries[id] }

    func update(_ delivery: WebhookDelivery) throws {
        try memory.change { store in
            // How long the receiver wants to be left alone is not kept.
            if store.webhookDeliveries[delivery.id] != nil { store.webhookDeliveries[delivery.id] = delivery.stored }
        }
    }

    func list(
        of endpoint: WebhookEndpointID, _ state: WebhookDelivery.State?, _ part: PageRequest<NewestFirst>
    ) throws -> Page<WebhookDelivery, NewestFirst> {
        let found = all.filter { $0.endpointID == endpoint && (state == nil || $0.state == state) }
        return Page(of: found, part) { NewestFirst($0.id) }
    }

    func pending(of endpoint: WebhookEndpointID, limit: Int) throws -> [WebhookDelivery] {
        Array(all.filter { $0.endpointID == endpoint && $0.state == .pending }.prefix(limit))
    }

    func ended(
        of endpoint: WebhookEndpointID, from start: Timestamp, to end: Timestamp, _ states: [WebhookDelivery.State],
        limit: Int
    ) throws -> [WebhookDelivery] {
        let found = all.filter {
            $0.endpointID == endpoint && start <= $0.createdAt && $0.createdAt < end && states.contains($0.state)
        }
        return Array(found.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }.prefix(limit))
    }

    func removeEnded(about subject: Identifier) throws {
        try memory.change { store in
            store.webhookDeliveries = store.webhookDeliveries.filter {
                $0.value.event.subject != subject || $0.value.state == .pending
            }
        }
    }

    func start(_ delivery: WebhookDelivery) throws {
        let start = WebhookStart(id: delivery.id, round: delivery.round)
        try memory.change { if !$0.webhookStarts.contains(start) { $0.webhookStarts.append(start) } }
    }
}

extension WebhookDelivery {
    fileprivate var stored: WebhookDelivery {
        WebhookDelivery(
            id: id, endpointID: endpointID, event: event, round: round, state: state, attempts: attempts,
            nextAttemptAt: nextAttemptAt,
            lastAttempt: lastAttempt.map {
                WebhookAttempt(
                    status: $0.status, error: $0.error, answer: $0.answer, startedAt: $0.startedAt,
                    endedAt: $0.endedAt)
            },
            createdAt: createdAt, endedAt: endedAt)
    }
}
