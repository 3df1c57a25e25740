import AccountsContract
import AccountsDomain
import Shared

/// Renews the proof of a session, and gives an access token that says so. The refresh token stays.
package struct StepUpSessionService: Sendable {
    private let work: any AccountsWork
    private let confirm: ConfirmIdentity
    private let tokens: any TokenIssuer
    private let stepUp: StepUp
    private let clock: any WallClock

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, signer: any ValidationTokenSigner,
        tokens: any TokenIssuer, stepUp: StepUp, clock: any WallClock
    ) {
        self.work = work
        confirm = ConfirmIdentity(work: work, hasher: hasher, signer: signer, clock: clock)
        self.tokens = tokens
        self.stepUp = stepUp
        self.clock = clock
    }

    package func callAsFunction(_ command: StepUpSessionCommand) async throws -> StepUpSessionOutcome {
        let (caller, client) = (command.caller, command.client)
        let user: User
        switch try await confirm(command.proof, of: caller, for: "session.step_up", client) {
        case .refused(let refusal): return .refused(refusal)
        case .confirmed(let confirmed): user = confirmed
        }
        let now = clock.now
        let proof = SignInProof([command.proof.method], at: now)
        let maxAge = stepUp.maxAge
        let renewal: Renewal = try await work.write { context in
            guard let account = try context.users.lock(caller.userID), account.user.passwordHash == user.passwordHash,
                var session = try context.session(of: caller, at: now)
            else { return .ended(.signedOut) }
            if try context.hasFactor(account.user) {
                return .ended(.secondFactorNeeded(StepUpDemand(needsSecondFactor: true, maxAge: maxAge)))
            }
            session.proof = proof
            try context.steppedUp(session, client)
            return .done(account, session)
        }
        switch renewal {
        case .ended(let outcome):
            return outcome
        case .done(let account, let session):
            return .steppedUp(account, session, try tokens.accessToken(for: account.user, in: session, at: now))
        }
    }

    private enum Renewal: Sendable {
        case ended(StepUpSessionOutcome)
        case done(Account, Session)
    }
}

extension AccountsContext {
    /// Keeps a session's new proof and tells of it.
    func steppedUp(_ session: Session, _ client: ClientInfo) throws {
        try sessions.keep(session.proof, of: session.id)
        try publish(SessionSteppedUp(userID: session.userID, sessionID: session.id))
        try audit(
            .done(
                "session.stepped_up", by: "user:\(session.userID)", on: "session:\(session.id)",
                personal: client.personal))
    }
}

extension ConfirmationProof {
    var method: AuthenticationMethod {
        switch self {
        case .password: .password
        case .code: .email
        }
    }
}
