import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared
import TestSupport

/// What the in-memory store holds: a value, so that a unit of work changes a copy and keeps or drops it.
package struct NotificationsStore: InMemoryStore {
    package var notifications: [NotificationID: Notification] = [:]
    package var suppressions: [EmailAddress: MailSuppression] = [:]
    package var rules: [Rule: Bool] = [:]
    package var ruleChanges = 0
    package var preferences: [Identifier: [NotificationKind: NotificationPreference]] = [:]
    /// Until when, of those that are being sent.
    package var claims: [NotificationID: Timestamp] = [:]
    package var webhookEndpoints: [WebhookEndpointID: WebhookEndpoint] = [:]
    package var webhookDeliveries: [WebhookDeliveryID: WebhookDelivery] = [:]
    /// Attempts that were started and not yet taken by a test.
    package var webhookStarts: [WebhookStart] = []
    package var traces = WorkTraces()

    package init() {}

    package static func context(_ memory: InMemoryContext<NotificationsStore>) -> any NotificationsContext {
        InMemoryNotificationsContext(memory: memory)
    }
}

/// A round of a delivery that was started.
package struct WebhookStart: Sendable, Hashable {
    package let id: WebhookDeliveryID
    package let round: Int
}

package typealias InMemoryNotificationsWork = InMemoryUnitOfWork<NotificationsStore>

extension InMemoryUnitOfWork<NotificationsStore> {
    /// The notifications, the oldest first.
    package var notifications: [Notification] { store.notifications.values.sorted { $0.id < $1.id } }
}

private struct InMemoryNotificationsContext: NotificationsContext, InMemoryBackedContext, NotificationRepository {
    let memory: InMemoryContext<NotificationsStore>

    var notifications: any NotificationRepository { self }
    var suppressions: any MailSuppressionRepository { InMemorySuppressionRepository(memory: memory) }
    var rules: any NotificationRuleRepository { InMemoryRules(memory: memory) }
    var preferences: any NotificationPreferenceRepository { InMemoryPreferences(memory: memory) }
    var webhookEndpoints: any WebhookEndpointRepository { InMemoryWebhookEndpoints(memory: memory) }
    var webhookDeliveries: any WebhookDeliveryRepository { InMemoryWebhookDeliveries(memory: memory) }
    var webhookQueue: any WebhookQueue { InMemoryWebhookDeliveries(memory: memory) }

    func insert(_ notification: Notification) throws {
        try memory.change { store in
            guard !store.notifications.values.contains(where: { $0.dedupeKey == notification.dedupeKey }) else {
                return
            }
            store.notifications[notification.id] = notification
        }
    }

    func update(_ notification: Notification) throws {
        try memory.change { store in
            guard store.notifications[notification.id] != nil else { return }
            store.notifications[notification.id] = notification
            store.claims[notification.id] = nil
        }
    }

    func claim(_ id: NotificationID, at now: Timestamp, until end: Timestamp) throws -> Bool {
        try memory.change { store in
            guard let known = store.notifications[id], known.state == .queued, known.nextAttemptAt <= now,
                store.claims[id].map({ $0 <= now }) ?? true
            else {
                return false
            }
            store.claims[id] = end
            return true
        }
    }

    func extendClaim(_ id: NotificationID, until end: Timestamp) throws {
        try memory.change { store in
            if store.claims[id] != nil { store.claims[id] = end }
        }
    }

    func due(at now: Timestamp, retried: Bool, limit: Int) throws -> [Notification] {
        let due = memory.store.notifications.values.filter {
            $0.state == .queued && $0.nextAttemptAt <= now && ($0.attempts > 0) == retried
                && memory.store.claims[$0.id].map { $0 <= now } ?? true
        }
        return Array(due.sorted { ($0.nextAttemptAt, $0.id) < ($1.nextAttemptAt, $1.id) }.prefix(limit))
    }

    func sent(
        to address: AddressDigest, of template: NotificationTemplate, since moment: Timestamp
    ) throws -> SentCount {
        let sent = memory.store.notifications.values.filter { notification in
            notification.addressDigest == address && notification.sentAt.map { $0 >= moment } ?? false
        }
        return SentCount(all: sent.count, ofTemplate: sent.count { $0.template == template })
    }

    func list(
        _ filter: NotificationFilter, _ part: PageRequest<NewestFirst>
    ) throws -> Page<Notification, NewestFirst> {
        let found = memory.store.notifications.values.filter { notification in
            (filter.state ?? notification.state) == notification.state
                && (filter.template ?? notification.template) == notification.template
                && (filter.userID == nil || filter.userID == notification.userID)
        }
        return Page(of: Array(found), part) { NewestFirst($0.id) }
    }

    func all(of userID: Identifier) throws -> [Notification] {
        memory.store.notifications.values.filter { $0.userID == userID }.sorted { $0.id > $1.id }
    }

    func removeAll(of userID: Identifier) throws {
        try memory.change { store in store.notifications = store.notifications.filter { $0.value.userID != userID } }
    }
}

private struct InMemorySuppressionRepository: MailSuppressionRepository {
    let memory: InMemoryContext<NotificationsStore>

    func find(_ address: EmailAddress) throws -> MailSuppression? { memory.store.suppressions[address] }

    func put(_ suppression: MailSuppression) throws {
        try memory.change { $0.suppressions[suppression.address] = suppression }
    }

    func remove(_ address: EmailAddress) throws -> Bool {
        try memory.change { $0.suppressions.removeValue(forKey: address) != nil }
    }

    func list(_ part: PageRequest<ByName>) throws -> Page<MailSuppression, ByName> {
        Page(of: Array(memory.store.suppressions.values), part) { ByName($0.address.key) }
    }

    func all(of userID: Identifier) throws -> [MailSuppression] {
        memory.store.suppressions.values.filter { $0.userID == userID }.sorted { $0.address.key < $1.address.key }
    }

    func removeAll(of userID: Identifier) throws {
        try memory.change { store in store.suppressions = store.suppressions.filter { $0.value.userID != userID } }
    }
}

private struct InMemoryRules: NotificationRuleRepository {
    let memory: InMemoryContext<NotificationsStore>

    func switched() throws -> [Rule: Bool] { memory.store.rules }

    func set(_ rule: Rule, isEnabled: Bool, at now: Timestamp) throws {
        try memory.change { $0.rules[rule] = isEnabled }
    }

    func changed(at now: Timestamp) throws { try memory.change { $0.ruleChanges += 1 } }
}

private struct InMemoryPreferences: NotificationPreferenceRepository {
    let memory: InMemoryContext<NotificationsStore>

    func all(of userID: Identifier) throws -> [NotificationPreference] {
        (memory.store.preferences[userID] ?? [:]).values.sorted { $0.kind.rawValue < $1.kind.rawValue }
    }

    func put(_ preference: NotificationPreference, of userID: Identifier) throws {
        try memory.change { $0.preferences[userID, default: [:]][preference.kind] = preference }
    }

    func removeAll(of userID: Identifier) throws { try memory.change { $0.preferences[userID] = nil } }
}
