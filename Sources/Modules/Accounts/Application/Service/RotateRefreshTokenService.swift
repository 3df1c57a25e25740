import AccountsContract
import AccountsDomain
import Shared

/// Gives a session new tokens for its refresh token.
package struct RotateRefreshTokenService: Sendable {
    private let work: any AccountsWork
    private let tokens: any TokenIssuer
    private let clock: any WallClock
    private let reuseWindow: Duration

    package init(
        work: any AccountsWork, tokens: any TokenIssuer, clock: any WallClock, reuseWindow: Duration
    ) {
        self.work = work
        self.tokens = tokens
        self.clock = clock
        self.reuseWindow = reuseWindow
    }

    package func callAsFunction(
        _ token: Secret<String>, client: ClientInfo
    ) async throws -> RotateRefreshTokenOutcome {
        guard let reading = tokens.read(refreshToken: token) else { return .invalid }
        let now = clock.now
        let rotation = try await work.write { try rotate(token, reading, client, at: now, in: $0) }
        switch rotation {
        case .refused(let outcome):
            return outcome
        case .done(let account, let session, let successor):
            let accessToken = try tokens.accessToken(for: account.user, in: session, at: now)
            return .refreshed(
                SignedIn(account: account, session: session, accessToken: accessToken, refreshToken: successor))
        }
    }

    private enum Rotation: Sendable {
        case refused(RotateRefreshTokenOutcome)
        case done(Account, Session, RefreshToken)
    }

    /// The session's row is locked first, so that of many at once one decides and the others see what it did.
    private func rotate(
        _ token: Secret<String>, _ reading: RefreshTokenReading, _ client: ClientInfo, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> Rotation {
        guard var session = try context.sessions.lock(reading.sessionID),
            let current = try context.sessions.currentRefreshToken(of: session)
        else { return .refused(.invalid) }
        guard session.revokedAt == nil else { return .refused(.revoked) }
        guard session.isAlive(at: now) else { return .refused(.invalid) }
        guard let account = try context.users.find(session.userID), account.user.signInObstacle(at: now) == nil else {
            return .refused(.revoked)
        }
        let presented =
            current.hash == reading.hash ? current : try context.sessions.refreshToken(reading)
        switch RefreshDecision(presented: presented, current: current, at: now, window: reuseWindow) {
        case .expired:
            return .refused(.invalid)
        case .superseded:
            return .refused(.superseded)
        case .reuse:
            try end(session, client, at: now, in: context)
            return .refused(.reused)
        case .repeatSuccessor:
            let successor = tokens.successor(of: token, for: session, at: current.createdAt)
            // Another key makes another successor; then the client gets a branch of its own.
            if successor.record.hash == current.hash { return .done(account, session, successor) }
            session.branch += 1
        case .branch:
            session.branch += 1
        case .rotate:
            session.generation += 1
            session.branch = 0
        }
        guard let presented else { return .refused(.invalid) }
        session.lastUsed = now
        session.userAgent = client.userAgent ?? session.userAgent
        session.address = client.address
        let successor = tokens.successor(of: token, for: session, at: now)
        try context.sessions.rotate(
            session, presented: presented, to: successor.record, at: now, forgettingBefore: now - reuseWindow)
        return .done(account, session, successor)
    }

    private func end(
        _ session: Session, _ client: ClientInfo, at now: Timestamp, in context: any AccountsContext
    ) throws {
        let reason = Session.RevocationReason.reuseDetected
        guard try context.end(session.id, of: session.userID, reason, at: now, by: .system) else { return }
        // The other sessions and devices stay, or an old token would be a weapon against its owner.
        try context.endPending(of: session.userID, at: now)
        try context.publish(SessionReuseDetected(userID: session.userID, sessionID: session.id))
        try context.audit(
            .refused(
                "session.refresh", because: reason.rawValue, by: "anonymous", on: "user:\(session.userID)",
                personal: client.personal))
    }
}
