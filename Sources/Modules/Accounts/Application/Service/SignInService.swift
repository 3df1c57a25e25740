import AccountsContract
import AccountsDomain
import Shared

/// Signs in with a password and opens a session.
package struct SignInService: Sendable {
    private let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let opener: SessionOpener
    private let signInGuard: SignInGuard
    private let clock: any WallClock

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, opener: SessionOpener, signInGuard: SignInGuard,
        clock: any WallClock
    ) {
        self.work = work
        self.hasher = hasher
        self.opener = opener
        self.signInGuard = signInGuard
        self.clock = clock
    }

    package func callAsFunction(_ command: SignInCommand) async throws -> SignInOutcome {
        let attempt = SignInAttempt(email: command.email, client: command.client)
        let (opener, signInGuard) = (opener, signInGuard)
        let checked = try await CheckPassword(work: work, hasher: hasher, clock: clock)(
            command.password, limits: attempt.limits, of: { try $0.users.find(email: command.email)?.user },
            at: command.email
        ) { verdict, counted, now, context -> (opening: SessionOpener.Opening, at: Timestamp) in
            switch verdict {
            case .right(let account):
                let isNew = attempt.isNewDevice(of: account.user, at: now)
                return (
                    try signInGuard.open(
                        account, by: SignInProof([.password], at: now), counted, attempt, opener,
                        to: command.destination, isNewDevice: isNew, at: now, in: context), now
                )
            case .wrong(let user):
                try signInGuard.fail(counted, attempt, user, at: now, in: context)
                return (.refused(.invalidCredentials), now)
            }
        }
        switch checked {
        case .refused(let delay):
            return .refused(.tooManyAttempts(retryAfter: delay))
        case .ended(let (opening, now)):
            if case .opened(let account, _, _) = opening {
                await RenewPasswordHash(work: work, hasher: hasher)(
                    command.password, of: account.user.id, checkedHash: account.user.passwordHash)
            }
            return try opener.finish(opening, at: now)
        }
    }
}
