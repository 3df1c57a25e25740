import AccountsContract
import AccountsDomain
import Shared

/// Changes what a person tells about himself.
package struct EditProfileService: Sendable {
    private let work: any AccountsWork
    private let clock: any WallClock

    package init(work: any AccountsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    /// - Returns: nil if the account is gone.
    package func callAsFunction(_ caller: SessionCaller, _ changes: ProfileChanges) async throws -> Account? {
        let now = clock.now
        return try await work.write { context in
            guard var account = try context.users.lock(caller.userID) else { return nil }
            account.user.username = changes.username.applied(to: account.user.username)
            account.user.locale = changes.locale ?? account.user.locale
            account.user.updatedAt = now
            account.profile.firstName = changes.firstName.applied(to: account.profile.firstName)
            account.profile.lastName = changes.lastName.applied(to: account.profile.lastName)
            account.profile.image = changes.image.applied(to: account.profile.image)
            try context.users.update(account.user)
            try context.users.update(account.profile, of: caller.userID)
            try context.publish(UserUpdated(userID: caller.userID))
            return account
        }
    }
}
