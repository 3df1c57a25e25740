import AccountsContract
import AccountsDomain
import Shared

/// The way back, or out, for people who have deactivated their account: they cannot sign in, so a mailed link is the
/// proof. What an administrator has deactivated or blocked is the administrator's to bring back.
package struct ReactivateAccountService: Sendable {
    private let work: any AccountsWork
    private let links: LinkReader
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    private let linkLifetime: Duration

    package init(
        work: any AccountsWork, signer: any ValidationTokenSigner, clock: any WallClock,
        identifiers: any IdentifierSource, linkLifetime: Duration
    ) {
        self.work = work
        links = LinkReader(signer: signer)
        self.clock = clock
        self.identifiers = identifiers
        self.linkLifetime = linkLifetime
    }

    /// Mails a link. Tells nobody whether there is such an account.
    package func request(email: EmailAddress) async throws {
        let now = clock.now
        let id: ValidationID = identifiers.next()
        try await work.write { context in
            // Whoever is active has nothing to come back to.
            _ = try context.lockActive(email, orOfferReturn: id, at: now, for: linkLifetime)
        }
    }

    package func preview(_ token: String) async throws -> LinkPreview {
        let now = clock.now
        return try await work.read { context in
            let preview = try links.preview(token, .reactivate, at: now, in: context)
            guard case .open(let address) = preview else { return preview }
            return try context.users.find(email: address)?.user.mayComeBack(at: now) == true
                ? preview : .refused(.invalid)
        }
    }

    package func callAsFunction(_ token: String, client: ClientInfo) async throws -> ReactivateOutcome {
        let now = clock.now
        return try await work.write { context in
            switch try claim(token, at: now, in: context) {
            case .refused(let refusal):
                return .refused(refusal)
            case .claimed(_, var account):
                let userID = account.user.id
                account.user.reactivate(at: now)
                try context.users.update(account.user)
                try context.forgiveFailures(of: account.user)
                try context.tellChange(of: userID, at: now)
                try context.publish(UserUpdated(userID: userID))
                try context.audit(
                    .done("user.reactivated", by: "user:\(userID)", on: "user:\(userID)", personal: client.personal))
                return .reactivated(account)
            }
        }
    }

    /// Deletes the account with everything that belongs to it.
    package func erase(_ token: String, client: ClientInfo) async throws -> EraseDeactivatedOutcome {
        let now = clock.now
        return try await work.write { context in
            switch try claim(token, at: now, in: context) {
            case .refused(let refusal):
                return .refused(refusal)
            case .claimed(_, let account):
                try context.erase(account.user.id, at: now, by: .user(account.user.id, nil))
                return .erased(account.user.email)
            }
        }
    }

    private func claim(_ token: String, at now: Timestamp, in context: any AccountsContext) throws -> LinkReader.Claim {
        let claim = try links.claim(token, .reactivate, at: now, in: context)
        if case .claimed(_, let account) = claim, !account.user.mayComeBack(at: now) { return .refused(.invalid) }
        return claim
    }
}

extension AccountsContext {
    /// The account of an address, locked, for a mail by which its owner acts. The owner of a deactivated one gets the
    /// link that brings it back instead.
    ///
    /// - Parameter id: of that link.
    /// - Returns: nil if there is none, or none that is active.
    func lockActive(
        _ email: EmailAddress, orOfferReturn id: ValidationID, at now: Timestamp, for lifetime: Duration
    ) throws -> Account? {
        guard let account = try users.lock(email: email) else { return nil }
        if account.user.isActive { return account }
        try offerReturn(id, to: account.user, at: now, for: lifetime)
        return nil
    }

    /// Mails the link by which an account comes back that its owner has deactivated, or goes for good; nothing for any
    /// other account.
    ///
    /// - Parameter user: locked.
    private func offerReturn(_ id: ValidationID, to user: User, at now: Timestamp, for lifetime: Duration) throws {
        guard user.mayComeBack(at: now), try mayMail(.reactivate, to: user, at: now) else { return }
        try validations.insert(
            ValidationToken(
                id: id, userID: user.id, purpose: .reactivate, address: user.email, createdAt: now,
                expiresAt: now + lifetime))
        try publish(UserReactivationRequested(userID: user.id, validationID: id))
    }
}
