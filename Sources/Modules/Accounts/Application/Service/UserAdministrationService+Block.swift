import AccountsContract
import AccountsDomain
import Shared

extension UserAdministrationService {
    package func block(_ command: BlockUserCommand) async throws -> BlockUserOutcome {
        let now = clock.now
        let id = command.id
        if let until = command.until, until <= now { return .alreadyOver }
        return try await work.write { context in
            guard var account = try context.users.lock(id) else { return .unknownUser }
            if try context.isLastAdministrator(account.user, at: now) { return .lastAdministrator }
            account.user.setBlock(UserBlock(reason: command.reason, until: command.until), at: now)
            try context.reclaim(&account.user, .blocked, at: now, by: AuditActor(command.actor))
            try context.tellChange(of: id, at: now)
            try context.publish(UserBlocked(userID: id))
            try context.audit(.done("user.blocked", id, by: command.actor))
            return .blocked(account.record)
        }
    }

    package func unblock(_ id: UserID, by actor: Principal) async throws -> UnblockUserOutcome {
        let now = clock.now
        return try await work.write { context in
            guard var account = try context.users.lock(id) else { return .unknownUser }
            guard account.user.block != nil else { return .unblocked(account.record) }
            account.user.setBlock(nil, at: now)
            try context.users.update(account.user)
            try context.tellChange(of: id, at: now)
            try context.publish(UserUnblocked(userID: id))
            try context.audit(.done("user.unblocked", id, by: actor))
            return .unblocked(account.record)
        }
    }
}
