import AccountsContract
import AccountsDomain
import Shared

/// A new password for somebody who forgot the old one.
package struct ResetPasswordService: Sendable {
    private let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let signer: any ValidationTokenSigner
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    private let linkLifetime: Duration

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, signer: any ValidationTokenSigner, clock: any WallClock,
        identifiers: any IdentifierSource, linkLifetime: Duration
    ) {
        self.work = work
        self.hasher = hasher
        self.signer = signer
        self.clock = clock
        self.identifiers = identifiers
        self.linkLifetime = linkLifetime
    }

    /// Mails a link. Tells nobody whether the address is known.
    package func request(email: EmailAddress) async throws {
        let now = clock.now
        let id: ValidationID = identifiers.next()
        try await work.write { context in
            // There is no password to choose before the account is back.
            guard let account = try context.lockActive(email, orOfferReturn: id, at: now, for: linkLifetime),
                try context.mayMail(.reset, to: account.user, at: now)
            else { return }
            try context.validations.insert(
                ValidationToken(
                    id: id, userID: account.user.id, purpose: .reset, address: account.user.email, createdAt: now,
                    expiresAt: now + linkLifetime))
            try context.publish(PasswordResetRequested(userID: account.user.id, validationID: id))
        }
    }

    package func preview(_ token: String) async throws -> LinkPreview {
        let now = clock.now
        return try await work.read { try LinkReader(signer: signer).preview(token, .reset, at: now, in: $0) }
    }

    /// Sets the password and ends all sessions.
    package func callAsFunction(
        _ token: String, password: Password, client: ClientInfo
    ) async throws -> ResetPasswordOutcome {
        switch try await preview(token) {
        case .refused(let refusal): return .refused(refusal)
        case .open(let address):
            if let weakness = password.weakness(for: address) { return .weak(weakness) }
        }
        let hash = try await hasher.hash(password.text)
        let now = clock.now
        return try await work.write { context in
            switch try LinkReader(signer: signer).claim(token, .reset, at: now, in: context) {
            case .refused(let refusal):
                return .refused(refusal)
            case .claimed(_, var account):
                let userID = account.user.id
                try context.prove(&account, at: now, client)
                account.user.setPassword(hash: hash, at: now)
                try context.reclaim(&account.user, .passwordChanged, at: now, by: .user(userID, client))
                try context.forgiveFailures(of: account.user)
                try context.publish(PasswordChanged(userID: userID))
                try context.audit(
                    .done("password.reset", by: "user:\(userID)", on: "user:\(userID)", personal: client.personal))
                return .changed(account)
            }
        }
    }
}
