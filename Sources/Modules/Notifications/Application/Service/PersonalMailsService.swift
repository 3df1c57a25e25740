import NotificationsDomain
import Shared

package struct PersonalMailsService: PersonalMails {
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
                suppressions: try context.suppressions.all(of: person))
        }
    }

    package func forget(_ person: Identifier, eventID: Identifier) async throws {
        let now = clock.now
        try await work.write { context in
            guard try context.accept(eventID: eventID, at: now) else { return }
            try context.notifications.removeAll(of: person)
            try context.suppressions.removeAll(of: person)
        }
    }
}
