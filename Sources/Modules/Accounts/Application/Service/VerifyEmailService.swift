import AccountsContract
import AccountsDomain
import Shared

/// Proves an address by the link that was mailed to it.
package struct VerifyEmailService: Sendable {
    private let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let links: LinkReader
    private let clock: any WallClock

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, signer: any ValidationTokenSigner, clock: any WallClock
    ) {
        self.work = work
        self.hasher = hasher
        links = LinkReader(signer: signer)
        self.clock = clock
    }

    /// What the link is about, without changing anything: mail scanners open links.
    package func preview(_ token: String) async throws -> VerifyEmailPreview {
        let now = clock.now
        return try await work.read { context in
            switch try links.read(token, purpose: .verify, at: now, in: context) {
            case .open(let validation):
                guard let account = try validation.userID.flatMap(context.users.find) else {
                    return .refused(.invalid)
                }
                return account.user.isVerified ? .alreadyVerified(account) : .open(account)
            case .used(let validation):
                guard let account = try validation.userID.flatMap(context.users.find), account.user.isVerified else {
                    return .refused(.invalid)
                }
                return .alreadyVerified(account)
            case .refused(let refusal):
                return .refused(refusal)
            }
        }
    }

    /// A link that was used up by this is done twice as well as once.
    package func callAsFunction(_ command: VerifyEmailCommand) async throws -> VerifyEmailOutcome {
        var hash: String?
        if let password = command.password {
            switch try await preview(command.token) {
            case .refused(let refusal): return .refused(refusal)
            // Nothing is left to be set.
            case .alreadyVerified: break
            case .open(let account):
                if let weakness = password.weakness(for: account.user.email) { return .weak(weakness, account) }
                hash = try await hasher.hash(password.text)
            }
        }
        let now = clock.now
        return try await work.write { [hash] context in
            switch try links.locate(command.token, .verify, at: now, in: context) {
            case .refused(let refusal):
                return try repeated(command.token, at: now, in: context).map { .verified($0) } ?? .refused(refusal)
            case .claimed(let link, var account):
                let isNew = !account.user.isVerified
                if isNew, hash == nil, !command.keepsPassword(of: account.user) { return .passwordMissing(account) }
                guard try context.validations.markUsed(link.id, at: now) else { return .refused(.invalid) }
                if isNew { try verify(&account, hash, command, at: now, in: context) }
                return .verified(account)
            }
        }
    }

    /// - Parameter hash: of a password in the place of the one that was registered with, whose setter may have begun
    ///   other things too.
    private func verify(
        _ account: inout Account, _ hash: String?, _ command: VerifyEmailCommand, at now: Timestamp,
        in context: any AccountsContext
    ) throws {
        let (userID, client) = (account.user.id, command.client)
        account.user.verify(at: now)
        if hash != nil || !command.keepsIdentities(of: account.user) {
            try context.removeIdentities(of: userID, by: .user(userID, client))
        }
        if let hash {
            account.user.setPassword(hash: hash, at: now)
            try context.reclaim(&account.user, .firstProof, at: now, by: .user(userID, client))
        } else {
            try context.users.update(account.user)
        }
        try context.tellChange(of: userID, at: now)
        try context.publish(UserVerified(userID: userID))
        try context.audit(
            .done("user.verified", by: "user:\(userID)", on: "user:\(userID)", personal: client.personal))
    }

    /// The account whose address this link has proved, if it was used up before: a button may be pressed twice.
    private func repeated(_ token: String, at now: Timestamp, in context: any AccountsContext) throws -> Account? {
        guard case .used(let link) = try links.read(token, purpose: .verify, at: now, in: context),
            link.expiresAt > now, let account = try link.userID.flatMap(context.users.find),
            account.user.isVerified, account.user.email == link.address
        else { return nil }
        return account
    }

    /// "This was not me": deletes the account, which nobody has proved.
    package func decline(_ token: String, client: ClientInfo) async throws -> DeclineOutcome {
        let now = clock.now
        return try await work.write { context in
            switch try links.claim(token, .verify, at: now, in: context) {
            case .refused(let refusal):
                return .refused(refusal)
            case .claimed(_, let account):
                // A proved account belongs to somebody; its owner deletes it after signing in.
                guard !account.user.isVerified else { return .refused(.invalid) }
                let userID = account.user.id
                try context.users.delete(userID)
                try context.quietAddresses.add(account.user.email, until: now + MailAllowance.quietTime)
                try context.tellChange(of: userID, at: now)
                try context.publish(UserDeleted(userID: userID))
                try context.audit(
                    .done("user.declined", by: "address_owner", on: "user:\(userID)", personal: client.personal))
                return .deleted(account.user.email)
            }
        }
    }
}
