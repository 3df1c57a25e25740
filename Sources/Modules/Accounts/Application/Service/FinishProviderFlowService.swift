import AccountsContract
import AccountsDomain
import Shared

/// Ends a way through a provider: asks it whom it vouches for, then signs in or links, in one unit of work.
package struct FinishProviderFlowService: Sendable {
    private let work: any AccountsWork
    private let requests: FlowRequests
    private let protection: any FlowProtection
    private let resolve: ResolveIdentity
    private let opener: SessionOpener
    private let tokens: any TokenIssuer
    private let stepUp: StepUp
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    private let random: any RandomSource

    package init(
        work: any AccountsWork, requests: FlowRequests, protection: any FlowProtection, resolve: ResolveIdentity,
        opener: SessionOpener, tokens: any TokenIssuer, stepUp: StepUp, clock: any WallClock,
        identifiers: any IdentifierSource, random: any RandomSource
    ) {
        self.work = work
        self.requests = requests
        self.protection = protection
        self.resolve = resolve
        self.opener = opener
        self.tokens = tokens
        self.stepUp = stepUp
        self.clock = clock
        self.identifiers = identifiers
        self.random = random
    }

    /// The code is exchanged here, so once for each flow: see `OncePerFlow`.
    package func callAsFunction(_ command: FinishFlowCommand) async throws -> FinishFlowOutcome {
        guard let provider = requests.providers[command.flow.provider] else {
            return .failed(.misconfigured("\(command.flow.provider.text) is not configured any more"))
        }
        let profile: ExternalProfile
        do throws(ProviderFault) {
            profile = try await provider.exchange(
                command.callback, flow: requests.request(for: command.flow, at: provider, language: nil))
            try profile.check()
        } catch {
            return .failed(error)
        }
        let now = clock.now
        let proof = profile.proof(trustsMFA: provider.capabilities.trustsMFA, at: now)
        switch command.flow.intent {
        case .signIn:
            return try await signIn(command, profile, proof, at: now)
        case .link(let caller):
            return try await link(profile, command, to: caller, at: now)
        case .stepUp(let caller):
            return try await renew(proof, by: profile, command, of: caller, at: now)
        }
    }

    /// What a unit of work leaves for after its commit.
    enum Ending: Sendable {
        case opening(SessionOpener.Opening)
        case outcome(FinishFlowOutcome)
    }

    private func signIn(
        _ command: FinishFlowCommand, _ profile: ExternalProfile, _ proof: SignInProof, at now: Timestamp
    ) async throws -> FinishFlowOutcome {
        let flow = command.flow
        let code = flow.challenge.map { ($0, Secret(Base64URL.encode(random.bytes(32)))) }
        let ending: Ending = try await work.write { context in
            switch try resolve(profile, of: flow.provider, command.client, locale: command.locale, at: now, in: context)
            {
            case .addressNeeded:
                return .outcome(
                    .addressNeeded(
                        PendingIdentity(
                            provider: flow.provider, profile: profile, proof: proof, returnTo: flow.returnTo,
                            challenge: flow.challenge, madeAt: now)))
            case .refused(.accountExists): return .outcome(.accountExists)
            case .refused(.registrationClosed): return .outcome(.registrationClosed)
            case .refused(.obstructed(let obstacle)):
                try context.audit(SessionOpener.refusal(obstacle.code, nil, command.client))
                return .outcome(.signIn(.refused(.obstructed(obstacle))))
            case .unproved(let account, _): return .outcome(.unproved(account))
            case .resolved(let account, let identity):
                if let (challenge, code) = code {
                    return try context.give(
                        code, protection.digest(code.reveal()), challenge, to: account, identity, proof,
                        command.client, at: now)
                }
                let opening = try opener.open(
                    account, by: proof, identity: identity.id, command.client,
                    to: SignInDestination(returnTo: flow.returnTo), at: now, in: context)
                // The browser has one session: the new one.
                if case .opened = opening, let earlier = command.session {
                    try context.end(
                        earlier.sessionID, of: earlier.userID, .renewed, at: now,
                        by: .user(account.user.id, command.client))
                }
                return .opening(opening)
            }
        }
        switch ending {
        case .outcome(let outcome): return outcome
        case .opening(let opening): return .signIn(try opener.finish(opening, at: now))
        }
    }

    /// How much before the start of the flow the proof may be, by two clocks.
    private static let leeway: Duration = .seconds(60)

    private func renew(
        _ proof: SignInProof, by profile: ExternalProfile, _ command: FinishFlowCommand, of caller: SessionCaller,
        at now: Timestamp
    ) async throws -> FinishFlowOutcome {
        let flow = command.flow
        guard profile.authTime != nil, flow.startedAt - proof.at <= Self.leeway else {
            return .failed(.rejected(reason: "its person was not asked for a proof again"))
        }
        let maxAge = stepUp.maxAge
        let renewal: Renewal = try await work.write { context in
            guard let account = try context.users.lock(caller.userID),
                var session = try context.session(of: caller, at: now)
            else { return .ended(.sessionOver) }
            let identity = try context.identities.find(
                flow.provider, issuer: profile.issuer, subject: profile.subject)
            guard identity?.userID == caller.userID else { return .ended(.identityUnknown) }
            if proof.level < .aal2, try context.hasFactor(account.user) {
                return .ended(.secondFactorDue(StepUpDemand(needsSecondFactor: true, maxAge: maxAge)))
            }
            session.proof = proof
            try context.steppedUp(session, command.client)
            return .done(account, session)
        }
        switch renewal {
        case .ended(let outcome): return outcome
        case .done(let account, let session):
            return .steppedUp(try tokens.accessToken(for: account.user, in: session, at: now))
        }
    }

    private enum Renewal: Sendable {
        case ended(FinishFlowOutcome)
        case done(Account, Session)
    }

    private func link(
        _ profile: ExternalProfile, _ command: FinishFlowCommand, to caller: SessionCaller, at now: Timestamp
    ) async throws -> FinishFlowOutcome {
        let (provider, id): (ProviderName, IdentityID) = (command.flow.provider, identifiers.next())
        return try await work.write { context in
            guard let account = try context.users.lock(caller.userID), try context.isSignedIn(caller, at: now) else {
                return .sessionOver
            }
            let known = try context.identities.find(
                provider, issuer: profile.issuer, subject: profile.subject)
            if let known { return known.userID == caller.userID ? .linked : .identityTaken }
            _ = try context.link(profile, of: provider, as: id, to: account.user, at: now, command.client)
            return .linked
        }
    }
}

extension AccountsContext {
    /// Keeps what an app fetches its tokens with; the session is opened when it does.
    func give(
        _ code: Secret<String>, _ hash: [UInt8], _ challenge: [UInt8], to account: Account, _ identity: Identity,
        _ proof: SignInProof, _ client: ClientInfo, at now: Timestamp
    ) throws -> FinishProviderFlowService.Ending {
        if let obstacle = account.user.signInObstacle(at: now) {
            try audit(SessionOpener.refusal(obstacle.code, account.user.id, client))
            return .outcome(.signIn(.refused(.obstructed(obstacle))))
        }
        try appCodes.insert(
            AppCode(
                hash: hash, userID: account.user.id, identityID: identity.id, proof: proof, challenge: challenge,
                createdAt: now, expiresAt: now + AppCode.lifetime))
        return .outcome(.appCode(code))
    }
}

extension ExternalProfile {
    /// What every adapter has to keep to, whatever its provider says.
    fileprivate func check() throws(ProviderFault) {
        for (name, text) in [("subject", subject), ("issuer", issuer)] {
            let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            guard (1...255).contains(text.utf8.count), isPlain else {
                throw .rejected(reason: "the \(name) is not 1 to 255 bytes of text")
            }
        }
    }

    /// - Parameter trustsMFA: whether the provider's word about a second factor counts.
    fileprivate func proof(trustsMFA: Bool, at now: Timestamp) -> SignInProof {
        // A sign-in there that is hours old proves who somebody was then.
        let at = authTime.map { min($0, now) } ?? now
        let first = SignInProof([.federated], at: at)
        return trustsMFA && methods.contains("mfa") ? first.and([], at: at) : first
    }
}
