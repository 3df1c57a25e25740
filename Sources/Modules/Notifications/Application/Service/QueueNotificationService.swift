import NotificationsContract
import NotificationsDomain
import Shared

/// Takes an event that rules may turn into a message.
package struct QueueNotificationService: Sendable {
    private let work: any NotificationsWork
    private let rules: any NotificationRules
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    package init(
        work: any NotificationsWork, rules: any NotificationRules, clock: any WallClock,
        identifiers: any IdentifierSource
    ) {
        self.work = work
        self.rules = rules
        self.clock = clock
        self.identifiers = identifiers
    }

    package func callAsFunction(_ command: QueueNotificationCommand) async throws {
        let now = clock.now
        let notifications = try await rules.current().templates(for: command.eventType).map { template in
            Notification(
                id: identifiers.next(), dedupeKey: Notification.dedupeKey(template, occasion: command.occasion),
                template: template, reference: command.reference, userID: command.userID, nextAttemptAt: now,
                createdAt: now, details: command.details)
        }
        guard !notifications.isEmpty else { return }
        try await work.write { context in
            guard try context.accept(eventID: command.eventID, at: now) else { return }
            for notification in notifications { try context.notifications.insert(notification) }
        }
    }
}
