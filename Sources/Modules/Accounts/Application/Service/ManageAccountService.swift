import AccountsContract
import AccountsDomain
import Shared

package struct ManageAccountService: ManageAccount {
    private let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let confirm: ConfirmIdentity
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
        confirm = ConfirmIdentity(work: work, hasher: hasher, signer: signer, clock: clock)
        self.signer = signer
        self.clock = clock
        self.identifiers = identifiers
        self.linkLifetime = linkLifetime
    }

    package func changePassword(_ command: ChangePasswordCommand) async throws -> ChangePasswordOutcome {
        let userID = command.caller.userID
        let user: User
        let proof = ConfirmationProof.password(command.current)
        switch try await confirm(proof, of: command.caller, for: Self.confirmation, command.client) {
        case .refused(let refusal): return .refused(refusal)
        case .confirmed(let confirmed): user = confirmed
        }
        if let weakness = command.new.weakness(for: user.email) { return .weak(weakness) }
        let hash = try await hasher.hash(command.new.text)
        let now = clock.now
        return try await work.write { context in
            guard var account = try context.users.lock(userID), account.user.passwordHash == user.passwordHash else {
                return .refused(.wrong)
            }
            account.user.setPassword(hash: hash, at: now)
            try context.users.update(account.user)
            try context.endAll(
                of: userID, .passwordChanged, at: now, except: command.caller.sessionID,
                by: .user(userID, command.client))
            try context.publish(PasswordChanged(userID: userID))
            try context.audit(
                .done(
                    "password.changed", by: "user:\(userID)", on: "user:\(userID)", personal: command.client.personal)
            )
            return .changed
        }
    }

    package func changeEmail(_ command: ChangeEmailCommand) async throws -> ChangeEmailOutcome {
        let userID = command.caller.userID
        let proof = ConfirmationProof.password(command.password)
        switch try await confirm(proof, of: command.caller, for: Self.confirmation, command.client) {
        case .refused(let refusal): return .refused(refusal)
        case .confirmed(let user): guard user.email != command.email else { return .unchanged }
        }
        let now = clock.now
        let id: ValidationID = identifiers.next()
        try await work.write { context in
            guard try context.users.lock(userID) != nil, try context.mayMail(.emailChange, userID, at: now) else {
                return
            }
            try context.validations.insert(
                ValidationToken(
                    id: id, userID: userID, purpose: .emailChange, address: command.email, createdAt: now,
                    expiresAt: now + linkLifetime))
            try context.publish(EmailChangeRequested(userID: userID, validationID: id))
            try context.audit(
                .done(
                    "email.change_requested", by: "user:\(userID)", on: "user:\(userID)",
                    personal: command.client.personal))
        }
        return .mailed
    }

    package func previewEmailChange(_ token: String) async throws -> LinkPreview {
        let now = clock.now
        return try await work.read { try LinkReader(signer: signer).preview(token, .emailChange, at: now, in: $0) }
    }

    package func confirmEmailChange(_ token: String, client: ClientInfo) async throws -> ConfirmEmailChangeOutcome {
        let now = clock.now
        return try await work.write { context in
            switch try LinkReader(signer: signer).claim(token, .emailChange, at: now, in: context) {
            case .refused(let refusal):
                return .refused(refusal)
            case .claimed(let validation, var account):
                let userID = account.user.id
                guard let address = validation.address else { return .refused(.invalid) }
                guard try context.users.find(email: address) == nil else { return .taken }
                account.user.changeEmail(to: address, at: now)
                try context.users.update(account.user)
                // What was mailed to the old address must not open the account any more.
                try context.validations.cancelAll(of: userID, at: now)
                try context.tellChange(of: userID, at: now)
                try context.publish(UserUpdated(userID: userID))
                try context.audit(
                    .done("email.changed", by: "user:\(userID)", on: "user:\(userID)", personal: client.personal))
                return .changed(account)
            }
        }
    }

    package func deactivate(_ caller: Caller, client: ClientInfo) async throws -> DeactivateOutcome {
        let now = clock.now
        return try await work.write { context in
            guard var user = try context.users.lock(caller.userID)?.user, user.isActive else { return .deactivated }
            if try context.isLastAdministrator(user, at: now) { return .lastAdministrator }
            try context.deactivate(&user, at: now, by: .user(user.id, client))
            return .deactivated
        }
    }

    /// What a refused confirmation is called in the audit log.
    private static let confirmation = "password.confirm"
}
