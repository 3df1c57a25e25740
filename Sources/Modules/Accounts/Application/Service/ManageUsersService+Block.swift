import AccountsContract
import AccountsDomain
import Shared

extension ManageUsersService {
    /// Ends all sessions at once, cancels all links, and lets nobody sign in or refresh until the end of the block.
    /// Replaces another block.
    package func block(_ command: BlockUserCommand) async throws -> ManageUserOutcome {
        let now = clock.now
        let until = command.until?.moment(from: now)
        if let until, until <= now { return .blockIsOver }
        return try await change(command.id, "user.blocked", by: command.actor) { account, context in
            if try context.isLastAdministrator(account.user, at: now) { return .lastAdministrator }
            account.user.setBlock(UserBlock(reason: command.reason, until: until), at: now)
            try context.reclaim(&account.user, .blocked, at: now, by: AuditActor(command.actor))
            try context.tellChange(of: command.id, at: now)
            try context.publish(UserBlocked(userID: command.id))
            try context.audit(.done("user.blocked", command.id, by: command.actor))
            return .done(account.record)
        }
    }

    package func unblock(_ id: UserID, by principal: Principal) async throws -> ManageUserOutcome {
        let now = clock.now
        return try await change(id, "user.unblocked", by: principal) { account, context in
            guard account.user.block != nil else { return .done(account.record) }
            account.user.setBlock(nil, at: now)
            try context.users.update(account.user)
            try context.tellChange(of: id, at: now)
            try context.publish(UserUnblocked(userID: id))
            try context.audit(.done("user.unblocked", id, by: principal))
            return .done(account.record)
        }
    }
}
