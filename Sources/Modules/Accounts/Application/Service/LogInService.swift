import AccountsContract
import AccountsDomain
import Shared

package struct LogInService: LogIn {
    private let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let opener: SessionOpener
    private let guardian: SignInGuard
    private let clock: any WallClock

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, opener: SessionOpener, guardian: SignInGuard,
        clock: any WallClock
    ) {
        self.work = work
        self.hasher = hasher
        self.opener = opener
        self.guardian = guardian
        self.clock = clock
    }

    package func callAsFunction(_ command: LogInCommand) async throws -> SignInOutcome {
        // A sign-in on another device may renew the hash while this one is checked; the password is still right then.
        for _ in 1...2 {
            if let outcome = try await signIn(command) { return outcome }
        }
        return .refused(.invalidCredentials)
    }

    /// - Returns: nil if the account's password is not the one that was checked any more.
    private func signIn(_ command: LogInCommand) async throws -> SignInOutcome? {
        let attempt = SignInAttempt(email: command.email, client: command.client)
        let start = clock.now
        let seen = try await work.read { context in
            let account = try context.users.find(email: command.email)
            let delay = try guardian.delay(attempt, account?.user.id, at: start, in: context)
            return (account: account, delay: delay)
        }
        if let delay = seen.delay { return .refused(.tooManyAttempts(retryAfter: delay)) }
        let checkedHash = seen.account?.user.passwordHash
        let isRight = try await hasher.verify(command.password, against: checkedHash)
        let now = clock.now
        let opening: SessionOpener.Opening? = try await work.write { context in
            guard isRight, let userID = seen.account?.user.id else {
                try guardian.noteFailure(attempt, seen.account?.user, at: now, in: context)
                return .refused(.invalidCredentials)
            }
            // Read again under the lock: the password may have changed while its hash was computed.
            guard let account = try context.users.lock(userID), account.user.passwordHash == checkedHash else {
                return nil
            }
            return try guardian.open(account, attempt, opener, at: now, in: context)
        }
        guard let opening else { return nil }
        if case .opened(let account, _, _) = opening {
            await RenewPasswordHash(work: work, hasher: hasher)(
                command.password, of: account.user.id, checkedHash: checkedHash)
        }
        return try opener.finish(opening, at: now)
    }
}
