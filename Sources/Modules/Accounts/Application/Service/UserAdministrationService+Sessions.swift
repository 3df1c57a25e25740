import AccountsContract
import AccountsDomain
import Shared

extension UserAdministrationService {
    package func sessions(of id: UserID) async throws -> [UserSession]? {
        let now = clock.now
        return try await work.read { context in
            guard try context.users.find(id) != nil else { return nil }
            return try context.sessions.alive(of: id, at: now).map { session in
                UserSession(
                    id: session.id, userAgent: session.userAgent, address: session.address,
                    createdAt: session.createdAt, lastUsed: session.lastUsed, expiresAt: session.expiresAt)
            }
        }
    }

    package func revokeSession(
        _ id: SessionID, of userID: UserID, by actor: Principal
    ) async throws -> Bool {
        let now = clock.now
        return try await work.write { context in
            guard try context.users.lock(userID) != nil, let session = try context.sessions.find(id),
                session.userID == userID, session.isAlive(at: now)
            else { return false }
            // The other sessions and devices may be the owner's; what is under way may be of this one.
            try context.endPending(of: userID, at: now)
            return try context.end(id, of: userID, .endedByAdministrator, at: now, by: AuditActor(actor))
        }
    }

    package func revokeSessions(of userID: UserID, by actor: Principal) async throws -> Int? {
        let now = clock.now
        return try await work.write { context in
            guard var user = try context.users.lock(userID)?.user else { return nil }
            return try context.reclaim(&user, .endedByAdministrator, at: now, by: AuditActor(actor))
        }
    }
}
