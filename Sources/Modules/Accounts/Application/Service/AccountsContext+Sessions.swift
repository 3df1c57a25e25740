import AccountsContract
import AccountsDomain
import Shared

extension AccountsContext {
    /// Ends a session: its tokens do not count any more, others are told, and the log has a line.
    ///
    /// - Returns: false if it was over before.
    @discardableResult
    func end(
        _ id: SessionID, of userID: UserID, _ reason: Session.RevocationReason, at now: Timestamp, by actor: AuditActor
    ) throws -> Bool {
        guard try sessions.revoke(id, at: now, reason: reason) else { return false }
        try revocations.add(Revocation(of: .session(id), at: now))
        try publish(SessionRevoked(userID: userID, sessionID: id, reason: reason.rawValue))
        try audit(.done("session.revoked", by: actor.text, on: "session:\(id)", personal: actor.personal))
        return true
    }

    /// Whether the caller's session still lives: a request may have waited while it was ended.
    func isSignedIn(_ caller: SessionCaller, at now: Timestamp) throws -> Bool {
        try session(of: caller, at: now) != nil
    }

    /// The caller's session; nil if it ended while the request waited.
    func session(of caller: SessionCaller, at now: Timestamp) throws -> Session? {
        guard let session = try sessions.find(caller.sessionID), session.userID == caller.userID,
            session.isAlive(at: now)
        else { return nil }
        return session
    }

    /// Ends every living session of a user but one.
    ///
    /// - Returns: how many.
    @discardableResult
    func endAll(
        of userID: UserID, _ reason: Session.RevocationReason, at now: Timestamp, except kept: SessionID? = nil,
        by actor: AuditActor
    ) throws -> Int {
        try sessions.alive(of: userID, at: now).filter { session in
            guard session.id != kept else { return false }
            return try end(session.id, of: userID, reason, at: now, by: actor)
        }.count
    }
}
