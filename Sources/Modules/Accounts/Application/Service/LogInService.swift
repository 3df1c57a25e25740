import AccountsContract
import AccountsDomain
import Shared

package struct LogInService: LogIn {
    private let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let tokens: any TokenIssuer
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    private let sessionLifetime: Duration

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, tokens: any TokenIssuer, clock: any WallClock,
        identifiers: any IdentifierSource, sessionLifetime: Duration
    ) {
        self.work = work
        self.hasher = hasher
        self.tokens = tokens
        self.clock = clock
        self.identifiers = identifiers
        self.sessionLifetime = sessionLifetime
    }

    package func callAsFunction(_ command: LogInCommand) async throws -> LogInOutcome {
        let found = try await work.read { try $0.users.find(email: command.email) }
        let checkedHash = found?.user.passwordHash
        let isRight = try await hasher.verify(command.password, against: checkedHash)
        guard isRight, let userID = found?.user.id else {
            try await auditRefusal("invalid_credentials", found?.user.id, command.client)
            return .invalidCredentials
        }
        let now = clock.now
        let sessionID: SessionID = identifiers.next()
        let opened = try await work.write { context in
            try open(sessionID, for: userID, checkedHash: checkedHash, command.client, at: now, in: context)
        }
        switch opened {
        case .refused(let outcome):
            return outcome
        case .opened(let account, let session, let refreshToken):
            await RenewPasswordHash(work: work, hasher: hasher)(
                command.password, of: userID, checkedHash: checkedHash)
            return .signedIn(
                SignedIn(
                    account: account, session: session,
                    accessToken: try tokens.accessToken(for: account.user, in: session, at: now),
                    refreshToken: refreshToken))
        }
    }

    private enum Opening: Sendable {
        case refused(LogInOutcome)
        case opened(Account, Session, RefreshToken)
    }

    /// Everything is read again under the lock: the password may have changed while its hash was computed.
    private func open(
        _ id: SessionID, for userID: UserID, checkedHash: String?, _ client: ClientInfo, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> Opening {
        guard let account = try context.users.lock(userID), account.user.passwordHash == checkedHash else {
            return .refused(.invalidCredentials)
        }
        if let obstacle = account.user.signInObstacle(at: now) {
            try context.audit(refusal(obstacle.code, userID, client))
            return .refused(.obstructed(obstacle))
        }
        let session = Session(
            id: id, userID: userID, userAgent: client.userAgent, address: client.address, createdAt: now,
            lastUsed: now, expiresAt: now + sessionLifetime)
        let refreshToken = tokens.refreshToken(for: session, at: now)
        try context.sessions.insert(session, refreshToken: refreshToken.record)
        try context.publish(UserLoggedIn(userID: userID, sessionID: id))
        try context.audit(
            .done("session.opened", by: "user:\(userID)", on: "session:\(id)", personal: client.personal))
        return .opened(account, session, refreshToken)
    }

    private func auditRefusal(_ reason: String, _ userID: UserID?, _ client: ClientInfo) async throws {
        let entry = refusal(reason, userID, client)
        try await work.write { try $0.audit(entry) }
    }

    private func refusal(_ reason: String, _ userID: UserID?, _ client: ClientInfo) -> AuditEntry {
        .refused(
            "session.open", because: reason, by: "anonymous", on: userID.map { "user:\($0)" },
            personal: client.personal)
    }
}

extension User.SignInObstacle {
    /// The stable code, in answers and in the audit log.
    package var code: String {
        switch self {
        case .notVerified: "email_not_verified"
        case .inactive: "account_inactive"
        case .blocked: "account_blocked"
        }
    }
}
