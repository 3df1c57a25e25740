import AccountsContract
import AccountsDomain
import Shared

extension ManageUsersService {
    /// Deactivating ends all sessions and cancels all links; reactivating brings none of them back.
    package func update(_ command: UpdateUserCommand) async throws -> ManageUserOutcome {
        let now = clock.now
        return try await change(command.id, "user.updated", by: command.actor) { account, context in
            let deactivates = account.user.isActive && command.isActive == false
            let reactivates = !account.user.isActive && command.isActive == true
            if deactivates, try context.isLastAdministrator(account.user, at: now) { return .lastAdministrator }
            let hasEdits = try Self.edit(&account, command, at: now, in: context)
            if reactivates {
                account.user.reactivate(at: now)
                try context.users.update(account.user)
                try context.tellChange(of: command.id, at: now)
                try context.audit(.done("user.reactivated", command.id, by: command.actor))
            }
            if hasEdits || reactivates { try context.publish(UserUpdated(userID: command.id)) }
            if deactivates {
                try context.deactivate(&account.user, byOwner: false, at: now, by: AuditActor(command.actor))
            }
            return .done(account.record)
        }
    }

    /// - Returns: whether a field got another value.
    private static func edit(
        _ account: inout Account, _ command: UpdateUserCommand, at now: Timestamp, in context: any AccountsContext
    ) throws -> Bool {
        let before = account
        account.user.username = command.username.applied(to: account.user.username)
        account.user.locale = command.locale ?? account.user.locale
        account.profile.firstName = command.firstName.applied(to: account.profile.firstName)
        account.profile.lastName = command.lastName.applied(to: account.profile.lastName)
        guard account != before else { return false }
        account.user.updatedAt = now
        try context.users.update(account.user)
        try context.users.update(account.profile, of: account.user.id)
        try context.audit(.done("user.updated", account.user.id, by: command.actor))
        return true
    }
}
