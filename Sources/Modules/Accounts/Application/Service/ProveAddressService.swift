import AccountsContract
import AccountsDomain
import Shared

/// Proves an address for an identity whose provider gave none that counts: by the code that is mailed to it. Whoever
/// reads the address's mail is its owner, so the identity is linked as if its provider vouched for the address.
package struct ProveAddressService: Sendable {
    private let work: any AccountsWork
    private let mail: SignInWithMailService
    private let signer: any ValidationTokenSigner
    private let protection: any FlowProtection
    private let opener: SessionOpener
    private let signInGuard: SignInGuard
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    private let random: any RandomSource
    private let isRegistrationOpen: Bool

    package init(
        work: any AccountsWork, mail: SignInWithMailService, signer: any ValidationTokenSigner,
        protection: any FlowProtection, opener: SessionOpener, signInGuard: SignInGuard, clock: any WallClock,
        identifiers: any IdentifierSource, random: any RandomSource, isRegistrationOpen: Bool
    ) {
        self.work = work
        self.mail = mail
        self.signer = signer
        self.protection = protection
        self.opener = opener
        self.signInGuard = signInGuard
        self.clock = clock
        self.identifiers = identifiers
        self.random = random
        self.isRegistrationOpen = isRegistrationOpen
    }

    /// Mails a code. An address without an account gets one that is a claim until the code comes back; the identity is
    /// not linked to it before. Tells nobody whether the address is known.
    package func request(
        email: EmailAddress, for identity: PendingIdentity, locale: String, client: ClientInfo
    ) async throws {
        let now = clock.now
        let id: UserID = identifiers.next()
        try await work.write { context in
            guard isRegistrationOpen, try context.users.find(email: email) == nil else { return }
            let user = User(
                id: id, email: email, username: nil, passwordHash: nil, locale: locale,
                provider: identity.provider.text, registeredFrom: client.address, createdAt: now, updatedAt: now)
            guard
                try context.users.insert(Account(user: user, profile: Profile(identity.profile.claims)))
            else { return }
            try context.publish(UserCreated(userID: id, validationID: nil))
            try context.audit(
                .done("user.registered", by: "user:\(id)", on: "user:\(id)", personal: client.personal))
        }
        try await mail.request(email: email)
    }

    package func callAsFunction(
        _ identity: PendingIdentity, email: EmailAddress, code: Secret<String>, client: ClientInfo,
        destination: SignInDestination = SignInDestination()
    ) async throws -> FinishFlowOutcome {
        let now = clock.now
        let attempt = SignInAttempt(email: email, client: client)
        let appCode = identity.challenge.map { ($0, Secret(Base64URL.encode(random.bytes(32)))) }
        let ending: FinishProviderFlowService.Ending = try await work.write { context in
            // The account's row is locked before the counts: in the order in which everybody else locks them.
            let found = try context.users.lock(email: email)
            let counted: CountedAttempt
            switch try CountedAttempt.begin(attempt.limits, at: now, in: context.signInFailures) {
            case .refused(let delay):
                return .outcome(.signIn(.refused(.tooManyAttempts(retryAfter: delay))))
            case .counted(let attempt): counted = attempt
            }
            let guesser: SignInCode.Guesser = client.knownDevice == nil ? .stranger : .owner
            guard let account = found,
                try SignInCodeCheck(signer: signer)
                    .isRight(code, for: account.user, by: guesser, at: now, in: context)
            else {
                try signInGuard.fail(counted, attempt, found?.user, at: now, in: context)
                return .outcome(.signIn(.refused(.invalidCredentials)))
            }
            try counted.forgive(in: context.signInFailures)
            try context.forgiveFailures(of: account.user)
            return try end(identity, account, appCode, client, destination, at: now, in: context)
        }
        switch ending {
        case .outcome(let outcome): return outcome
        case .opening(let opening): return .signIn(try opener.finish(opening, at: now))
        }
    }

    /// - Parameter account: locked, with its address proved just now.
    private func end(
        _ identity: PendingIdentity, _ account: Account, _ appCode: ([UInt8], Secret<String>)?, _ client: ClientInfo,
        _ destination: SignInDestination, at now: Timestamp, in context: any AccountsContext
    ) throws -> FinishProviderFlowService.Ending {
        var account = account
        if let obstacle = account.user.signInObstacle(at: now), obstacle != .notVerified {
            return .outcome(.signIn(.refused(.obstructed(obstacle))))
        }
        try context.prove(&account, at: now, client)
        let linked: Identity
        if let known = try context.identities.find(
            identity.provider, issuer: identity.profile.issuer, subject: identity.profile.subject)
        {
            // Linked meanwhile, in another tab.
            guard known.userID == account.user.id else { return .outcome(.identityTaken) }
            linked = known
        } else {
            let others = try context.identities.all(of: account.user.id)
            guard !others.contains(where: { $0.provider == identity.provider }) else {
                return .outcome(.accountExists)
            }
            linked = try context.link(
                identity.profile, of: identity.provider, as: identifiers.next(), to: account.user, at: now, client)
        }
        if let (challenge, code) = appCode {
            return try context.give(
                code, protection.digest(code.reveal()), challenge, to: account, linked, identity.proof, client,
                at: now)
        }
        let proof = identity.proof.level == .aal1 ? SignInProof([.federated, .email], at: now) : identity.proof
        return .opening(
            try opener.open(account, by: proof, identity: linked.id, client, to: destination, at: now, in: context))
    }
}
