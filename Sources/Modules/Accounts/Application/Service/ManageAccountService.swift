import AccountsContract
import AccountsDomain
import Shared

/// What a signed-in person changes about his own account.
package struct ManageAccountService: Sendable {
    let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let confirm: ConfirmIdentity
    let opener: SessionOpener
    let links: LinkReader
    let clock: any WallClock
    let identifiers: any IdentifierSource
    let linkLifetime: Duration

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, opener: SessionOpener, signer: any ValidationTokenSigner,
        clock: any WallClock, identifiers: any IdentifierSource, linkLifetime: Duration
    ) {
        self.work = work
        self.hasher = hasher
        confirm = ConfirmIdentity(work: work, hasher: hasher, signer: signer, clock: clock)
        self.opener = opener
        links = LinkReader(signer: signer)
        self.clock = clock
        self.identifiers = identifiers
        self.linkLifetime = linkLifetime
    }

    /// Takes the account back: ends the other sessions and everything that is under way, and gives the caller's new
    /// tokens.
    package func changePassword(_ command: ChangePasswordCommand) async throws -> ChangePasswordOutcome {
        let userID = command.caller.userID
        let user: User
        switch try await confirm(command.proof, of: command.caller, for: Self.confirmation, command.client) {
        case .refused(let refusal): return .refused(.confirmation(refusal))
        case .confirmed(let confirmed): user = confirmed
        }
        if let weakness = command.new.weakness(for: user.email) { return .refused(.weak(weakness)) }
        let hash = try await hasher.hash(command.new.text)
        let now = clock.now
        let change: PasswordChange = try await work.write { context in
            guard var account = try context.users.lock(userID), account.user.passwordHash == user.passwordHash else {
                return .refused(.confirmation(.wrong))
            }
            guard var session = try context.session(of: command.caller, at: now) else { return .refused(.signedOut) }
            session.proof = session.proof.again(at: now)
            account.user.setPassword(hash: hash, at: now)
            try context.reclaim(
                &account.user, .passwordChanged, at: now, except: command.caller.sessionID,
                by: .user(userID, command.client))
            try context.publish(PasswordChanged(userID: userID))
            try context.audit(
                .done(
                    "password.changed", by: "user:\(userID)", on: "user:\(userID)", personal: command.client.personal)
            )
            return .done(
                try opener.renew(session, of: account, command.client, at: now, in: context))
        }
        switch change {
        case .refused(let refusal): return .refused(refusal)
        case .done(let renewal): return .changed(try opener.finish(renewal, at: now))
        }
    }

    private enum PasswordChange: Sendable {
        case refused(ChangePasswordRefusal)
        case done(SessionOpener.Renewal)
    }

    /// Mails a link to the new address, which changes nothing until it is confirmed, and a notice to the old one. The
    /// newest request counts; the link is good as long as the caller's session lives.
    package func changeEmail(_ command: ChangeEmailCommand) async throws -> ChangeEmailOutcome {
        switch try await confirm(command.proof, of: command.caller, for: Self.confirmation, command.client) {
        case .refused(let refusal): return .refused(refusal)
        case .confirmed(let user): guard user.email != command.email else { return .unchanged }
        }
        return try await requestEmailChange(command)
    }

    /// Ends all sessions and everything that is under way.
    package func deactivate(_ command: DeactivateAccountCommand) async throws -> DeactivateOutcome {
        let (caller, client) = (command.caller, command.client)
        let confirmed: User
        switch try await confirm(command.proof, of: caller, for: "user.deactivate", client) {
        case .refused(let refusal): return .refused(refusal)
        case .confirmed(let user): confirmed = user
        }
        let now = clock.now
        return try await work.write { context in
            guard var user = try context.users.lock(caller.userID)?.user, user.isActive else { return .deactivated }
            guard user.passwordHash == confirmed.passwordHash else { return .refused(.wrong) }
            if try context.isLastAdministrator(user, at: now) { return .lastAdministrator }
            try context.deactivate(&user, byOwner: true, at: now, by: .user(user.id, client))
            return .deactivated
        }
    }

    /// What a refused confirmation is called in the audit log.
    private static let confirmation = "password.confirm"
}
