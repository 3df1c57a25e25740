import AccountsContract
import AccountsDomain
import Shared

/// The caller's own devices.
package struct ManageSessionsService: Sendable {
    private let work: any AccountsWork
    private let clock: any WallClock
    private let tokenLifetime: Duration

    /// - Parameter tokenLifetime: how long after its last use a session may have a good access token.
    package init(work: any AccountsWork, clock: any WallClock, tokenLifetime: Duration) {
        self.work = work
        self.clock = clock
        self.tokenLifetime = tokenLifetime
    }

    /// Those by which somebody can still act, the newest first.
    package func list(
        _ caller: SessionCaller, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<Session, NewestFirst> {
        let now = clock.now
        return try await work.read { [tokenLifetime] context in
            try context.sessions.usable(of: caller.userID, at: now, usedAfter: now - tokenLifetime, part)
        }
    }

    /// - Returns: false if the caller has no such living session.
    package func revoke(_ id: SessionID, _ caller: SessionCaller, client: ClientInfo) async throws -> Bool {
        let now = clock.now
        return try await work.write { context in
            guard let session = try context.sessions.find(id), session.userID == caller.userID,
                session.isAlive(at: now)
            else { return false }
            return try context.end(session.id, of: caller.userID, .revoked, at: now, by: .user(caller.userID, client))
        }
    }

    package func revokeAll(_ caller: SessionCaller, client: ClientInfo) async throws {
        let now = clock.now
        try await work.write { context in
            guard var user = try context.users.lock(caller.userID)?.user else { return }
            try context.reclaim(&user, .logout, at: now, by: .user(caller.userID, client))
        }
    }
}
