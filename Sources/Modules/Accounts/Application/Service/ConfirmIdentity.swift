import AccountsContract
import AccountsDomain
import Shared

/// A signed-in person confirms something grave by the password or a fresh code. All confirmations of a session have one
/// count, by which they are slowed down as guesses on a known device are; the tenth wrong one in a quarter of an hour
/// ends the session, and its owner gets a mail: whoever guesses there has not stolen the password yet.
package struct ConfirmIdentity: Sendable {
    private let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let codes: SignInCodeCheck
    private let clock: any WallClock

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, signer: any ValidationTokenSigner, clock: any WallClock
    ) {
        self.work = work
        self.hasher = hasher
        codes = SignInCodeCheck(signer: signer)
        self.clock = clock
    }

    enum Outcome: Sendable {
        /// - Parameter user: as it was then. Another password by now means that this confirms nothing.
        case confirmed(User)
        case refused(ConfirmationRefusal)
    }

    /// - Parameter action: what a refusal is called in the audit log.
    func callAsFunction(
        _ proof: ConfirmationProof, of caller: SessionCaller, for action: String, _ client: ClientInfo
    ) async throws -> Outcome {
        switch proof {
        case .password(let password): try await byPassword(password, caller, action, client)
        case .code(let digits): try await byCode(digits, caller, action, client)
        }
    }

    private func byPassword(
        _ password: Secret<String>, _ caller: SessionCaller, _ action: String, _ client: ClientInfo
    ) async throws -> Outcome {
        let checked = try await CheckPassword(work: work, hasher: hasher, clock: clock)(
            password, limits: Self.limits(caller, client), of: { try $0.users.find(caller.userID)?.user }
        ) { verdict, counted, now, context -> Outcome in
            switch verdict {
            case .right(let account):
                try counted.forgive(in: context.signInFailures)
                return .confirmed(account.user)
            case .wrong:
                try fail(counted, caller, action, client, at: now, in: context)
                return .refused(.wrong)
            }
        }
        switch checked {
        case .ended(let outcome): return outcome
        case .refused(let delay): return .refused(.tooManyAttempts(retryAfter: delay))
        }
    }

    private func byCode(
        _ digits: Secret<String>, _ caller: SessionCaller, _ action: String, _ client: ClientInfo
    ) async throws -> Outcome {
        let now = clock.now
        return try await work.write { context in
            let user = try context.users.lock(caller.userID)?.user
            let counted: CountedAttempt
            switch try CountedAttempt.begin(Self.limits(caller, client), at: now, in: context.signInFailures) {
            case .refused(let delay): return .refused(.tooManyAttempts(retryAfter: delay))
            case .counted(let attempt): counted = attempt
            }
            guard let user, try codes.isRight(digits, for: user, by: .owner, at: now, in: context) else {
                try fail(counted, caller, action, client, at: now, in: context)
                return .refused(.wrong)
            }
            try counted.forgive(in: context.signInFailures)
            return .confirmed(user)
        }
    }

    private func fail(
        _ counted: CountedAttempt, _ caller: SessionCaller, _ action: String, _ client: ClientInfo, at now: Timestamp,
        in context: any AccountsContext
    ) throws {
        let userID = caller.userID
        let outcome = try counted.fail(at: now, in: context.signInFailures)[Self.key(caller)]
        try context.audit(
            .refused(
                action, because: "invalid_credentials", by: "user:\(userID)", on: "user:\(userID)",
                personal: client.personal))
        guard outcome?.isLocked == true,
            try context.end(caller.sessionID, of: userID, .wrongConfirmations, at: now, by: .system)
        else { return }
        try context.publish(SessionEndedByGuessing(userID: userID, sessionID: caller.sessionID))
    }

    private static func limits(_ caller: SessionCaller, _ client: ClientInfo) -> [CountedAttempt.Limit] {
        [.network(client, refuses: false), CountedAttempt.Limit(key: key(caller), policy: .confirmation)]
    }

    private static func key(_ caller: SessionCaller) -> String { "session:\(caller.sessionID)" }
}
