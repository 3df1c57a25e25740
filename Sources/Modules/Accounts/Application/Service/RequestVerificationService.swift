import AccountsContract
import AccountsDomain
import Shared

/// Sends the verification mail again. Tells nobody whether the address is known.
package struct RequestVerificationService: Sendable {
    private let work: any AccountsWork
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    private let validationLifetime: Duration

    package init(
        work: any AccountsWork, clock: any WallClock, identifiers: any IdentifierSource, validationLifetime: Duration
    ) {
        self.work = work
        self.clock = clock
        self.identifiers = identifiers
        self.validationLifetime = validationLifetime
    }

    package func callAsFunction(email: EmailAddress) async throws {
        let now = clock.now
        let id: ValidationID = identifiers.next()
        try await work.write { context in
            guard let account = try context.users.lock(email: email),
                account.user.isActive, !account.user.isVerified
            else { return }
            let userID = account.user.id
            guard try context.mayMail(.verify, to: account.user, at: now) else { return }
            try context.validations.insert(
                ValidationToken(
                    id: id, userID: userID, purpose: .verify, address: account.user.email, createdAt: now,
                    expiresAt: now + validationLifetime))
            try context.publish(UserVerificationRequested(userID: userID, validationID: id))
        }
    }
}
