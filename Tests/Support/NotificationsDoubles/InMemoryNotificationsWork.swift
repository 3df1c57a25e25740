import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared
import Synchronization

/// What the in-memory store holds: a value, so that a unit of work changes a copy and keeps or drops it.
package struct NotificationsStore: Sendable {
    package var notifications: [NotificationID: Notification] = [:]
    package var acceptedEvents: Set<Identifier> = []
    package var suppressions: [EmailAddress: MailSuppression] = [:]
    /// Until when, of those that somebody sends.
    package var claims: [NotificationID: Timestamp] = [:]

    package init() {}
}

/// Units of work on a value in memory: the closure gets a copy, which replaces the value unless it throws.
package final class InMemoryNotificationsWork: NotificationsWork {
    private let state = Mutex(NotificationsStore())
    private let writeHooks = Mutex<[@Sendable () async throws -> Void]>([])

    package init() {}

    package var store: NotificationsStore { state.withLock { $0 } }

    /// The notifications, the oldest first.
    package var notifications: [Notification] { store.notifications.values.sorted { $0.id < $1.id } }

    /// Changes what is stored, as somebody else would.
    package func arrange(_ body: @Sendable (inout NotificationsStore) -> Void) {
        state.withLock { body(&$0) }
    }

    /// Runs something just before the next write begins; a failure of the store if it throws.
    package func beforeNextWrite(_ hook: @escaping @Sendable () async throws -> Void) {
        writeHooks.withLock { $0.append(hook) }
    }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any NotificationsContext) throws -> T
    ) async throws -> T {
        if let hook = writeHooks.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { try await hook() }
        return try state.withLock { store in
            let context = InMemoryNotificationsContext(store, isReadOnly: false)
            let result = try body(context)
            store = context.store
            return result
        }
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any NotificationsContext) throws -> T
    ) async throws -> T {
        try state.withLock { try body(InMemoryNotificationsContext($0, isReadOnly: true)) }
    }
}

/// One unit of work on a copy.
private final class InMemoryNotificationsContext: NotificationsContext, NotificationRepository,
    MailSuppressionRepository
{
    private(set) var store: NotificationsStore
    private let isReadOnly: Bool

    init(_ store: NotificationsStore, isReadOnly: Bool) {
        self.store = store
        self.isReadOnly = isReadOnly
    }

    var notifications: any NotificationRepository { self }
    var suppressions: any MailSuppressionRepository { self }

    func accept(eventID: Identifier, at _: Timestamp) throws -> Bool {
        try change { $0.acceptedEvents.insert(eventID).inserted }
    }

    func insert(_ notification: Notification) throws {
        try change { store in
            guard !store.notifications.values.contains(where: { $0.dedupeKey == notification.dedupeKey }) else {
                return
            }
            store.notifications[notification.id] = notification
        }
    }

    func update(_ notification: Notification) throws {
        try change { store in
            guard store.notifications[notification.id] != nil else { return }
            store.notifications[notification.id] = notification
            store.claims[notification.id] = nil
        }
    }

    func claim(_ id: NotificationID, at now: Timestamp, until end: Timestamp) throws -> Bool {
        try change { store in
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
        try change { store in
            if store.claims[id] != nil { store.claims[id] = end }
        }
    }

    func due(at now: Timestamp, retried: Bool, limit: Int) throws -> [Notification] {
        let due = store.notifications.values.filter {
            $0.state == .queued && $0.nextAttemptAt <= now && ($0.attempts > 0) == retried
                && store.claims[$0.id].map { $0 <= now } ?? true
        }
        return Array(due.sorted { ($0.nextAttemptAt, $0.id) < ($1.nextAttemptAt, $1.id) }.prefix(limit))
    }

    func find(_ address: EmailAddress) throws -> MailSuppression? { store.suppressions[address] }

    func put(_ suppression: MailSuppression) throws {
        try change { $0.suppressions[suppression.address] = suppression }
    }

    func remove(_ address: EmailAddress) throws { try change { $0.suppressions[address] = nil } }

    private func change<T>(_ body: (inout NotificationsStore) throws -> T) throws -> T {
        guard !isReadOnly else { throw InternalFailure("a unit of work that reads cannot write") }
        return try body(&store)
    }
}
