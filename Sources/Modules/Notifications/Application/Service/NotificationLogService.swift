import NotificationsDomain
import Shared

/// What became of messages.
package struct NotificationLogService: Sendable {
    private let work: any NotificationsWork

    package init(work: any NotificationsWork) { self.work = work }

    /// The newest first.
    package func list(
        _ filter: NotificationFilter, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<Notification, NewestFirst> {
        try await work.read { try $0.notifications.list(filter, part) }
    }
}
