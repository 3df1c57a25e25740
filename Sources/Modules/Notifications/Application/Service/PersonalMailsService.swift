import NotificationsDomain
import Shared

/// A person's right to what is held about their messages, and to have it forgotten.
package struct PersonalMailsService: Sendable {
    private let work: any NotificationsWork
    private let clock: any WallClock

    package init(work: any NotificationsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    package func export(_ person: Identifier) async throws -> PersonalMailsExport {
        try await work.read { context in
            PersonalMailsExport(
                notifications: try context.notifications.all(of: person),
                suppressions: try context.suppressions.all(of: person),
                preferences: try context.preferences.all(of: person))
        }
    }

    /// Forgets the messages of an account that is gone, also those that were still to be sent, and the addresses that
    /// were refused.
    package func forget(_ person: Identifier, eventID: Identifier) async throws {
        let now = clock.now
        try await work.write { context in
            guard try context.accept(eventID: eventID, at: now) else { return }
            try context.notifications.removeAll(of: person)
            try context.suppressions.removeAll(of: person)
            try context.preferences.removeAll(of: person)
            try context.webhookEndpoints.forgetOwner(person)
            try context.webhookDeliveries.removeEnded(about: person)
        }
    }
}
