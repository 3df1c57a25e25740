import AccountsContract
import AccountsDomain
import Shared

package struct ManageSessionsService: ManageSessions {
    private let work: any AccountsWork
    private let clock: any WallClock

    package init(work: any AccountsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    package func list(_ caller: Caller) async throws -> [Session] {
        let now = clock.now
        return try await work.read { try $0.sessions.alive(of: caller.userID, at: now) }
    }

    package func revoke(_ id: SessionID, _ caller: Caller, client: ClientInfo) async throws -> Bool {
        let now = clock.now
        return try await work.write { context in
            guard let session = try context.sessions.find(id), session.userID == caller.userID,
                session.isAlive(at: now)
            else { return false }
            return try context.end(session.id, of: caller.userID, .revoked, client, at: now)
        }
    }

    package func revokeAll(_ caller: Caller, client: ClientInfo) async throws {
        let now = clock.now
        try await work.write { context in
            for session in try context.sessions.alive(of: caller.userID, at: now) {
                _ = try context.end(session.id, of: caller.userID, .logout, client, at: now)
            }
        }
    }
}

extension AccountsContext {
    /// Ends a session for a reason of its owner's: revokes, tells, and notes it.
    ///
    /// - Returns: false if it was over before.
    func end(
        _ id: SessionID, of userID: UserID, _ reason: Session.RevocationReason, _ client: ClientInfo,
        at now: Timestamp
    ) throws -> Bool {
        guard try sessions.revoke(id, at: now, reason: reason) else { return false }
        try publish(SessionRevoked(userID: userID, sessionID: id, reason: reason.rawValue))
        try audit(
            .done("session.revoked", by: "user:\(userID)", on: "session:\(id)", personal: client.personal))
        return true
    }
}
