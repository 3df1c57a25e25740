import AccountsContract
import AccountsDomain
import Shared

extension AccountsContext {
    /// Ends a session: its tokens do not count any more, others are told, and the log has a line.
    ///
    /// - Parameter actor: whose doing it is; nil for the system's.
    /// - Returns: false if it was over before.
    @discardableResult
    func end(
        _ id: SessionID, of userID: UserID, _ reason: Session.RevocationReason, at now: Timestamp,
        by actor: UserID?, _ client: ClientInfo?
    ) throws -> Bool {
        guard try sessions.revoke(id, at: now, reason: reason) else { return false }
        try revocations.add(Revocation(of: .session(id), at: now))
        try publish(SessionRevoked(userID: userID, sessionID: id, reason: reason.rawValue))
        // A line that does not name the person is not found when the person is to be forgotten.
        let personal = actor == nil ? [:] : client?.personal ?? [:]
        try audit(
            .done(
                "session.revoked", by: actor.map { "user:\($0)" } ?? "system", on: "session:\(id)",
                personal: personal))
        return true
    }

    /// Ends every living session of a user but one.
    func endAll(
        of userID: UserID, _ reason: Session.RevocationReason, at now: Timestamp, except kept: SessionID? = nil,
        by actor: UserID?, _ client: ClientInfo?
    ) throws {
        for session in try sessions.alive(of: userID, at: now) where session.id != kept {
            try end(session.id, of: userID, reason, at: now, by: actor, client)
        }
    }
}
