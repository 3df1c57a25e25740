import AccountsContract
import AccountsDomain
import Shared

extension ManageUsersService {
    /// Makes an account. A mail goes out where its owner has to do something: without a password the ordinary link
    /// that sets one, which also proves the address; with a password but unverified the ordinary verification.
    /// Verified and with a password there is no mail. Unverified accounts go after seven days, as everybody's.
    ///
    /// - Throws: `Unavailable` also if too many passwords wait to be hashed.
    package func create(_ command: CreateUserCommand) async throws -> CreateUserOutcome {
        var password: Password?
        if let text = command.password {
            do throws(PasswordWeakness) {
                password = try passwords.password(text, for: command.email)
            } catch {
                return .weakPassword(error)
            }
        }
        // The answer tells that an address is taken anyway, so the hash is not spent on it.
        let known = try await work.read { try Self.known(command, $0) }
        if let known { return known }
        var hash: String?
        if let password { hash = try await hasher.hash(password.text) }
        let now = clock.now
        let account = account(command, hash, at: now)
        let link = link(to: account.user, at: now)
        return try await work.write { context in
            if let known = try Self.known(command, context) { return known }
            // An address that an administrator vouches for goes before a claim that nobody has proved.
            if command.isVerified {
                _ = try context.makeRoom(for: command.email, at: now, by: AuditActor(command.actor))
            }
            guard try context.users.insert(account) else { return try Self.known(command, context) ?? .emailTaken }
            let id = account.user.id
            // An administrator knows whom they write to.
            try context.quietAddresses.remove(command.email)
            if let link { try context.validations.insert(link) }
            let proof = link.flatMap { $0.purpose == .verify ? $0.id : nil }
            try context.publish(UserCreated(userID: id, validationID: proof))
            if let link, link.purpose == .reset {
                try context.publish(PasswordResetRequested(userID: id, validationID: link.id))
            }
            try context.audit(.done("user.created", id, by: command.actor))
            return .created(account.record)
        }
    }

    /// What a command that cannot make an account any more answers.
    private static func known(
        _ command: CreateUserCommand, _ context: any AccountsContext
    ) throws -> CreateUserOutcome? {
        // The address first: between two looks another run of the same command may commit, which is found by either.
        let owner = try context.users.find(email: command.email)
        if let owner, owner.user.id == command.id { return .created(owner.record) }
        if let account = try context.users.find(command.id) { return .created(account.record) }
        guard let owner else { return nil }
        return command.isVerified && !owner.user.isVerified ? nil : .emailTaken
    }

    /// Where the registration came from is the person's to see; an administrator's address is not.
    private func account(_ command: CreateUserCommand, _ hash: String?, at now: Timestamp) -> Account {
        var user = User(
            id: command.id, email: command.email, username: command.username, passwordHash: hash,
            isVerified: command.isVerified, registeredFrom: nil, createdAt: now, updatedAt: now)
        if let locale = command.locale { user.locale = locale }
        return Account(user: user, profile: Profile(firstName: command.firstName, lastName: command.lastName))
    }

    /// What is mailed; nil if the owner can sign in without.
    private func link(to user: User, at now: Timestamp) -> ValidationToken? {
        let (purpose, lifetime): (ValidationToken.Purpose, Duration)
        switch (user.passwordHash, user.isVerified) {
        case (nil, _): (purpose, lifetime) = (.reset, linkLifetime)
        case (_, false): (purpose, lifetime) = (.verify, validationLifetime)
        case (_, true): return nil
        }
        return ValidationToken(
            id: identifiers.next(), userID: user.id, purpose: purpose, address: user.email, createdAt: now,
            expiresAt: now + lifetime)
    }
}
