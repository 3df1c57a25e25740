import AccountsContract
import AccountsDomain
import Shared

/// Signs in by what was mailed: six digits or a link. Either proves the address too.
package struct SignInWithMailService: Sendable {
    private let work: any AccountsWork
    private let signer: any ValidationTokenSigner
    private let opener: SessionOpener
    private let signInGuard: SignInGuard
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    private let linkLifetime: Duration

    package init(
        work: any AccountsWork, signer: any ValidationTokenSigner, opener: SessionOpener, signInGuard: SignInGuard,
        clock: any WallClock, identifiers: any IdentifierSource, linkLifetime: Duration
    ) {
        self.work = work
        self.signer = signer
        self.opener = opener
        self.signInGuard = signInGuard
        self.clock = clock
        self.identifiers = identifiers
        self.linkLifetime = linkLifetime
    }

    /// Mails both. Tells nobody whether the address is known.
    package func request(email: EmailAddress) async throws {
        let now = clock.now
        let codeID: SignInCodeID = identifiers.next()
        // One mail has both, so they share the identifier by which the mail finds them.
        let linkID = ValidationID(codeID.value)
        try await work.write { context in
            guard let account = try context.lockActive(email, orOfferReturn: linkID, at: now, for: linkLifetime),
                try context.mayMail(.magicLink, to: account.user, at: now)
            else { return }
            let userID = account.user.id
            try context.signInCodes.insert(
                SignInCode(
                    id: codeID, userID: userID, address: account.user.email, createdAt: now,
                    expiresAt: now + SignInCode.lifetime))
            try context.validations.insert(
                ValidationToken(
                    id: linkID, userID: userID, purpose: .magicLink, address: account.user.email, createdAt: now,
                    expiresAt: now + linkLifetime))
            try context.publish(LoginCodeRequested(userID: userID, loginCodeID: codeID, validationID: linkID))
        }
    }

    package func callAsFunction(_ command: SignInWithCodeCommand) async throws -> SignInOutcome {
        let now = clock.now
        let attempt = SignInAttempt(email: command.email, client: command.client)
        let opening = try await work.write { context in
            try open(command, attempt, at: now, in: context)
        }
        return try opener.finish(opening, at: now)
    }

    private func open(
        _ command: SignInWithCodeCommand, _ attempt: SignInAttempt, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> SessionOpener.Opening {
        // The account's row is locked before the counts: in the order in which everybody else locks them.
        let found = try context.users.lock(email: command.email)
        let counted: CountedAttempt
        switch try CountedAttempt.begin(attempt.limits, at: now, in: context.signInFailures) {
        case .refused(let delay): return .refused(.tooManyAttempts(retryAfter: delay))
        case .counted(let attempt): counted = attempt
        }
        let guesser: SignInCode.Guesser = command.client.knownDevice == nil ? .stranger : .owner
        guard var account = found,
            try SignInCodeCheck(signer: signer)
                .isRight(command.code, for: account.user, by: guesser, at: now, in: context)
        else {
            try signInGuard.fail(counted, attempt, found?.user, at: now, in: context)
            return .refused(.invalidCredentials)
        }
        try context.prove(&account, at: now, command.client)
        try context.forgiveFailures(of: account.user)
        return try signInGuard.open(
            account, by: SignInProof([.email], at: now), counted, attempt, opener, to: command.destination, at: now,
            in: context)
    }

    /// What the link is about, without changing anything.
    package func preview(link token: String) async throws -> LinkPreview {
        let now = clock.now
        return try await work.read { try LinkReader(signer: signer).preview(token, .magicLink, at: now, in: $0) }
    }

    package func callAsFunction(
        link token: String, client: ClientInfo, destination: SignInDestination = SignInDestination()
    ) async throws -> SignInWithLinkOutcome {
        let now = clock.now
        let result: Result<SessionOpener.Opening, LinkFailure> = try await work.write { context in
            switch try LinkReader(signer: signer).claim(token, .magicLink, at: now, in: context) {
            case .refused(let refusal): return .failure(LinkFailure(refusal: refusal))
            case .claimed(_, var account):
                try context.prove(&account, at: now, client)
                try context.forgiveFailures(of: account.user)
                return .success(
                    try opener.open(
                        account, by: SignInProof([.email], at: now), client, to: destination, at: now, in: context))
            }
        }
        switch result {
        case .failure(let failure): return .refused(failure.refusal)
        case .success(let opening):
            switch try opener.finish(opening, at: now) {
            case .signedIn(let signedIn): return .signedIn(signedIn)
            case .secondFactorNeeded(let demand): return .secondFactorNeeded(demand)
            case .refused(let refusal): return .obstructed(refusal)
            }
        }
    }

    private struct LinkFailure: Error {
        let refusal: LinkRefusal
    }
}
