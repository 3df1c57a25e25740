import AccountsContract
import AccountsDomain
import Shared

/// The caller's own devices.
package struct ManageSessionsService: Sendable {
    private let work: any AccountsWork
    private let clock: any WallClock

    package init(work: any AccountsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    /// The living ones, the newest first.
    package func list(
        _ caller: SessionCaller, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<Session, NewestFirst> {
        let now = clock.now
        return try await work.read { try $0.sessions.alive(of: caller.userID, at: now, part) }
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
