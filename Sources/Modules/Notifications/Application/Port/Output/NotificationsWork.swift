import NotificationsContract
import NotificationsDomain
import Shared

/// The unit of work: everything inside happens once or not at all.
package protocol NotificationsWork: Sendable {
    func write<T: Sendable>(_ body: @escaping @Sendable (any NotificationsContext) throws -> T) async throws -> T
    func read<T: Sendable>(_ body: @escaping @Sendable (any NotificationsContext) throws -> T) async throws -> T
}

package protocol NotificationsContext {
    var notifications: any NotificationRepository { get }

    /// - Returns: false if the event was worked off before.
    func accept(eventID: Identifier, at now: Timestamp) throws -> Bool
}

package protocol NotificationRepository {
    /// Does nothing if there is one with the same dedupe key.
    func insert(_ notification: Notification) throws
    func update(_ notification: Notification) throws
    /// Queued ones whose next attempt has come, the oldest first.
    func due(at now: Timestamp, limit: Int) throws -> [Notification]
}
