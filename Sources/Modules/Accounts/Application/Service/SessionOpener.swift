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
        case secondFactorNeeded(MFAChallenge, [SecondFactorMethod])
    }

    /// A session that is stored, and whose access token is signed after the commit.
    struct Renewal: Sendable {
        let account: Account
        let session: Session
        let refreshToken: RefreshToken
    }

    /// Opens a session, or asks for the second step if the account has a factor and the proof has none.
    ///
    /// - Parameters:
    ///   - account: locked, with its credential checked.
    ///   - proof: of that credential.
    ///   - identity: by which identity of another company.
    ///   - destination: kept while a second step is due.
    ///   - isNewDevice: whether the owner has to hear of it.
    func open(
        _ account: Account, by proof: SignInProof, identity: IdentityID? = nil, _ client: ClientInfo,
        to destination: SignInDestination = SignInDestination(), isNewDevice: Bool = false, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> Opening {
        let userID = account.user.id
        if let obstacle = account.user.signInObstacle(at: now) {
            try context.audit(Self.refusal(obstacle.code, userID, client))
            return .refused(.obstructed(obstacle))
        }
        if proof.level < .aal2 {
            let methods = try context.secondStepMethods(of: account.user)
            if !methods.isEmpty {
                let challenge = MFAChallenge(
                    id: identifiers.next(), userID: userID, proof: proof, identityID: identity,
                    device: MFAChallenge.Device(client), destination: destination, isNewDevice: isNewDevice,
                    createdAt: now, expiresAt: now + MFAChallenge.lifetime)
                try context.mfaChallenges.insert(challenge)
                try context.audit(
                    .done("mfa.asked", by: "user:\(userID)", on: "user:\(userID)", personal: client.personal))
                return .secondFactorNeeded(challenge, methods)
            }
        }
        let (session, refreshToken) = try insert(userID, by: proof, identity: identity, client, at: now, in: context)
        try context.publish(UserLoggedIn(userID: userID, sessionID: session.id, isNewDevice: isNewDevice))
        return .opened(account, session, refreshToken)
    }

    /// Puts another session in the place of the caller's own: copies of its tokens, of either kind, are worth nothing
    /// from now on.
    ///
    /// - Parameters:
    ///   - session: alive; its proof goes on.
    ///   - account: locked.
    func renew(
        _ session: Session, of account: Account, _ client: ClientInfo, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> Renewal {
        let userID = account.user.id
        try context.end(session.id, of: userID, .renewed, at: now, by: .user(userID, client))
        let (renewed, refreshToken) = try insert(
            userID, by: session.proof, identity: session.identityID, client, at: now, in: context)
        return Renewal(account: account, session: renewed, refreshToken: refreshToken)
    }

    private func insert(
        _ userID: UserID, by proof: SignInProof, identity: IdentityID?, _ client: ClientInfo, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> (Session, RefreshToken) {
        let session = Session(
            id: identifiers.next(), userID: userID, userAgent: client.userAgent, address: client.address,
            createdAt: now, lastUsed: now, expiresAt: now + sessionLifetime,
            proof: proof, identityID: identity)
        let refreshToken = tokens.refreshToken(for: session, at: now)
        try context.sessions.insert(session, refreshToken: refreshToken.record)
        try context.audit(
            .done("session.opened", by: "user:\(userID)", on: "session:\(session.id)", personal: client.personal))
        return (session, refreshToken)
    }

    /// After the commit: signing takes longer than a transaction should.
    func finish(_ opening: Opening, at now: Timestamp) throws -> SignInOutcome {
        switch opening {
        case .refused(let refusal):
            return .refused(refusal)
        case .opened(let account, let session, let refreshToken):
            let renewal = Renewal(account: account, session: session, refreshToken: refreshToken)
            return .signedIn(try finish(renewal, at: now))
        case .secondFactorNeeded(let challenge, let methods):
            return .secondFactorNeeded(
                SecondFactorDemand(
                    token: tokens.challengeToken(for: challenge.id), methods: methods,
                    lifetime: challenge.expiresAt - now, destination: challenge.destination))
        }
    }

    func finish(_ renewal: Renewal, at now: Timestamp) throws -> SignedIn {
        SignedIn(
            account: renewal.account, session: renewal.session,
            accessToken: try tokens.accessToken(for: renewal.account.user, in: renewal.session, at: now),
            refreshToken: renewal.refreshToken)
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
