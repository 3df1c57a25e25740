import AccountsContract
import AccountsDomain
import Shared

/// Ends a sign-in whose first step was right: opens the session.
package struct SecondStepService: Sendable {
    private let work: any AccountsWork
    private let check: SecondStepCheck
    private let tokens: any TokenIssuer
    private let opener: SessionOpener
    private let clock: any WallClock

    package init(
        work: any AccountsWork, oneTimePasswords: any OneTimePasswords, recoveryCodes: any RecoveryCodes,
        tokens: any TokenIssuer, opener: SessionOpener, clock: any WallClock
    ) {
        self.work = work
        check = SecondStepCheck(oneTimePasswords: oneTimePasswords, recoveryCodes: recoveryCodes)
        self.tokens = tokens
        self.opener = opener
        self.clock = clock
    }

    /// What can be done next, for a page that asks.
    ///
    /// - Returns: nil if the sign-in has to begin again.
    package func demand(token: Secret<String>) async throws -> SecondFactorDemand? {
        let now = clock.now
        guard let id = tokens.read(challengeToken: token) else { return nil }
        return try await work.read { context in
            guard let challenge = try context.mfaChallenges.find(id), challenge.isOpen(at: now),
                let user = try context.users.find(challenge.userID)?.user
            else { return nil }
            let methods = try context.secondStepMethods(of: user)
            return methods.isEmpty
                ? nil
                : SecondFactorDemand(
                    token: token, methods: methods, lifetime: challenge.expiresAt - now,
                    destination: challenge.destination)
        }
    }

    /// Whose sign-in a token names, so that it can be counted for the account and the device be known.
    package func account(token: Secret<String>) async throws -> EmailAddress? {
        guard let id = tokens.read(challengeToken: token) else { return nil }
        return try await work.read { context in
            try context.mfaChallenges.find(id).flatMap { try context.users.find($0.userID)?.user.email }
        }
    }

    package func callAsFunction(_ command: SecondStepCommand) async throws -> SecondStepOutcome {
        let now = clock.now
        guard let id = tokens.read(challengeToken: command.token) else { return .over }
        let (check, opener, client) = (check, opener, command.client)
        let step: Step = try await work.write { context in
            guard let userID = try context.mfaChallenges.find(id)?.userID, let account = try context.users.lock(userID),
                // Read again under the lock: another request may have used it meanwhile.
                let challenge = try context.mfaChallenges.find(id), challenge.isOpen(at: now),
                challenge.device.isSame(as: client)
            else { return .over }
            switch try check(command.proof, of: account.user, client, at: now, in: context) {
            case .tooManyAttempts(let delay):
                return .refused(.tooManyAttempts(retryAfter: delay))
            case .wrong:
                try context.mfaChallenges.countAttempt(id)
                return .refused(.invalidCredentials)
            case .right:
                guard try context.mfaChallenges.markUsed(id, at: now) else { return .over }
                let proof = challenge.proof.and([command.proof.authenticationMethod], at: now)
                return .opening(
                    try opener.open(
                        account, by: proof, identity: challenge.identityID, client,
                        isNewDevice: challenge.isNewDevice, at: now, in: context), challenge.destination)
            }
        }
        switch step {
        case .over: return .over
        case .refused(let refusal): return .refused(refusal)
        case .opening(let opening, let destination):
            switch try opener.finish(opening, at: now) {
            case .signedIn(let signedIn): return .signedIn(signedIn, destination)
            case .refused(let refusal): return .refused(refusal)
            // The proof has its second factor.
            case .secondFactorNeeded: return .over
            }
        }
    }

    private enum Step: Sendable {
        case over
        case refused(SignInRefusal)
        case opening(SessionOpener.Opening, SignInDestination)
    }
}

extension MFAChallenge.Device {
    /// Whether the second step comes from where the first one did: from the owner's device if it was one, else from a
    /// client that calls itself the same.
    func isSame(as client: ClientInfo) -> Bool {
        known.map { $0 == client.knownDevice } ?? (userAgent == client.userAgent)
    }
}
