import AccountsContract
import AccountsDomain
import Shared

/// Opens sessions, however somebody proved who he is.
package struct SessionOpener: Sendable {
    private let tokens: any TokenIssuer
    private let identifiers: any IdentifierSource
    private let sessionLifetime: Duration

    package init(tokens: any TokenIssuer, identifiers: any IdentifierSource, sessionLifetime: Duration) {
        self.tokens = tokens
        self.identifiers = identifiers
        self.sessionLifetime = sessionLifetime
    }

    /// What a unit of work leaves for after its commit.
    enum Opening: Sendable {
        case refused(SignInRefusal)
        case opened(Account, Session, RefreshToken)
    }

    /// - Parameter account: locked, with its credential checked.
    func open(
        _ account: Account, _ client: ClientInfo, at now: Timestamp, in context: any AccountsContext
    ) throws -> Opening {
        let userID = account.user.id
        if let obstacle = account.user.signInObstacle(at: now) {
            try context.audit(Self.refusal(obstacle.code, userID, client))
            return .refused(.obstructed(obstacle))
        }
        let session = Session(
            id: identifiers.next(), userID: userID, userAgent: client.userAgent, address: client.address,
            createdAt: now, lastUsed: now, expiresAt: now + sessionLifetime)
        let refreshToken = tokens.refreshToken(for: session, at: now)
        try context.sessions.insert(session, refreshToken: refreshToken.record)
        try context.publish(UserLoggedIn(userID: userID, sessionID: session.id))
        try context.audit(
            .done("session.opened", by: "user:\(userID)", on: "session:\(session.id)", personal: client.personal))
        return .opened(account, session, refreshToken)
    }

    /// After the commit: signing takes longer than a transaction should.
    func finish(_ opening: Opening, at now: Timestamp) throws -> SignInOutcome {
        switch opening {
        case .refused(let refusal):
            return .refused(refusal)
        case .opened(let account, let session, let refreshToken):
            return .signedIn(
                SignedIn(
                    account: account, session: session,
                    accessToken: try tokens.accessToken(for: account.user, in: session, at: now),
                    refreshToken: refreshToken))
        }
    }

    static func refusal(_ reason: String, _ userID: UserID?, _ client: ClientInfo) -> AuditEntry {
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
