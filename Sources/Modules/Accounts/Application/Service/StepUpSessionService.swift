import AccountsContract
import AccountsDomain
import Shared

/// Renews the proof of a session, and gives an access token that says so. The refresh token stays.
package struct StepUpSessionService: Sendable {
    private let work: any AccountsWork
    private let confirm: ConfirmIdentity
    private let check: SecondStepCheck
    private let tokens: any TokenIssuer
    private let stepUp: StepUp
    private let clock: any WallClock

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, signer: any ValidationTokenSigner,
        oneTimePasswords: any OneTimePasswords, recoveryCodes: any RecoveryCodes, tokens: any TokenIssuer,
        stepUp: StepUp, clock: any WallClock
    ) {
        self.work = work
        confirm = ConfirmIdentity(work: work, hasher: hasher, signer: signer, clock: clock)
        check = SecondStepCheck(oneTimePasswords: oneTimePasswords, recoveryCodes: recoveryCodes)
        self.tokens = tokens
        self.stepUp = stepUp
        self.clock = clock
    }

    package func callAsFunction(_ command: StepUpSessionCommand) async throws -> StepUpSessionOutcome {
        let renewal =
            switch command.proof {
            case .confirmation(let proof): try await renew(proof, command.caller, command.client)
            case .secondFactor(let proof): try await renew(proof, command.caller, command.client)
            }
        switch renewal {
        case .ended(let outcome):
            return outcome
        case .done(let account, let session):
            let token = try tokens.accessToken(for: account.user, in: session, at: clock.now)
            return .steppedUp(account, session, token)
        }
    }

    private enum Renewal: Sendable {
        case ended(StepUpSessionOutcome)
        case done(Account, Session)
    }

    private func renew(
        _ given: ConfirmationProof, _ caller: SessionCaller, _ client: ClientInfo
    ) async throws -> Renewal {
        let user: User
        switch try await confirm(given, of: caller, for: "session.step_up", client) {
        case .refused(let refusal): return .ended(.refused(refusal))
        case .confirmed(let confirmed): user = confirmed
        }
        let now = clock.now
        let proof = SignInProof([given.method], at: now)
        let maxAge = stepUp.maxAge
        return try await work.write { context in
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
    }

    private func renew(
        _ given: SecondFactorProof, _ caller: SessionCaller, _ client: ClientInfo
    ) async throws -> Renewal {
        let now = clock.now
        let check = check
        return try await work.write { context in
            guard let account = try context.users.lock(caller.userID),
                var session = try context.session(of: caller, at: now)
            else { return .ended(.signedOut) }
            switch try check(given, of: account.user, client, at: now, in: context) {
            case .wrong: return .ended(.wrongSecondFactor)
            case .tooManyAttempts(let delay): return .ended(.refused(.tooManyAttempts(retryAfter: delay)))
            case .right: break
            }
            session.proof = session.proof.and([given.authenticationMethod], at: now)
            try context.steppedUp(session, client)
            return .done(account, session)
        }
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
