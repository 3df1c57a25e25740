import AccountsContract
import NotificationsDomain
import Shared

/// A person's right to what is held about their messages, and to have it forgotten.
package struct PersonalMailsService: Sendable {
    private let work: any NotificationsWork
    private let accounts: any AccountsFacade
    private let clock: any WallClock

    package init(work: any NotificationsWork, accounts: any AccountsFacade, clock: any WallClock) {
        self.work = work
        self.accounts = accounts
        self.clock = clock
    }

    /// What staff wrote down about an address names nobody: it is the person's whose address it is now.
    package func export(_ person: Identifier) async throws -> PersonalMailsExport {
        let address = try await accounts.standing(of: UserID(person))?.address
        return try await work.read { context in
            var suppressions = try context.suppressions.all(of: person)
            if let address, let own = try context.suppressions.find(address), own.userID == nil {
                suppressions.append(own)
            }
            return PersonalMailsExport(
                notifications: try context.notifications.all(of: person), suppressions: suppressions,
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
