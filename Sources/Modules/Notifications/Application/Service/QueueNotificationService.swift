import NotificationsContract
import NotificationsDomain
import Shared

/// Takes an event that rules may turn into a message.
package struct QueueNotificationService: Sendable {
    private let work: any NotificationsWork
    private let rules: [Rule]
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    package init(
        work: any NotificationsWork, rules: [Rule], clock: any WallClock, identifiers: any IdentifierSource
    ) {
        self.work = work
        self.rules = rules
        self.clock = clock
        self.identifiers = identifiers
    }

    package func callAsFunction(_ command: QueueNotificationCommand) async throws {
        let now = clock.now
        let notifications = rules.filter { $0.eventType == command.eventType }.map { rule in
            Notification(
                id: identifiers.next(),
                dedupeKey: Notification.dedupeKey(rule.template, occasion: command.occasion), template: rule.template,
                reference: command.reference, userID: command.userID, nextAttemptAt: now, createdAt: now)
        }
        guard !notifications.isEmpty else { return }
        try await work.write { context in
            guard try context.accept(eventID: command.eventID, at: now) else { return }
            for notification in notifications { try context.notifications.insert(notification) }
        }
    }
}
