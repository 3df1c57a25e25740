import AccountsContract
import AccountsDomain
import Shared

extension ManageUsersService {
    /// Those by which somebody can still act, the newest first; nil if there is no such user.
    package func sessions(
        of id: UserID, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<UserSession, NewestFirst>? {
        let now = clock.now
        return try await work.read { [tokenLifetime] context in
            guard try context.users.find(id) != nil else { return nil }
            let sessions = try context.sessions.usable(of: id, at: now, usedAfter: now - tokenLifetime, part)
            return sessions.map { session in
                UserSession(
                    id: session.id, userAgent: session.userAgent, address: session.address,
                    createdAt: session.createdAt, lastUsed: session.lastUsed, expiresAt: session.expiresAt)
            }
        }
    }

    /// - Returns: unknown also if the user has no such living session.
    package func endSession(
        _ id: SessionID, of userID: UserID, by principal: Principal
    ) async throws -> ManageUserOutcome {
        let now = clock.now
        return try await change(userID, "session.revoked", by: principal) { _, context in
            guard let session = try context.sessions.find(id), session.userID == userID, session.isAlive(at: now)
            else { return .unknown }
            // The other sessions and devices may be the owner's; what is under way may be of this one.
            try context.endPending(of: userID, at: now)
            let isEnded = try context.end(id, of: userID, .endedByAdministrator, at: now, by: AuditActor(principal))
            return isEnded ? .ended : .unknown
        }
    }

    package func endSessions(of userID: UserID, by principal: Principal) async throws -> ManageUserOutcome {
        let now = clock.now
        return try await change(userID, "session.revoked", by: principal) { account, context in
            try context.reclaim(&account.user, .endedByAdministrator, at: now, by: AuditActor(principal))
            return .ended
        }
    }
}
