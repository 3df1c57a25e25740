import AccountsContract
import AccountsDomain
import Shared

/// Makes an account and, after the commit, sends the mail that proves its address.
package struct RegisterUserService: Sendable {
    private let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    private let validationLifetime: Duration
    /// Whether the answer does not tell that an address is taken. Its owner hears of it then.
    private let isPrivate: Bool

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, clock: any WallClock, identifiers: any IdentifierSource,
        validationLifetime: Duration, isPrivate: Bool = false
    ) {
        self.work = work
        self.hasher = hasher
        self.clock = clock
        self.identifiers = identifiers
        self.validationLifetime = validationLifetime
        self.isPrivate = isPrivate
    }

    package func callAsFunction(_ command: RegisterUserCommand) async throws -> RegisterUserOutcome {
        // Where the answer tells that an address is taken, the hash is not spent on it.
        let known = try await work.read { try Self.known(command, $0) }
        if let known, known != .emailTaken || !isPrivate { return known }
        let hash = try await hasher.hash(command.password.text)
        let now = clock.now
        let user = User(
            id: command.id, email: command.email, username: command.username, passwordHash: hash,
            locale: command.locale, registeredFrom: command.client.address, createdAt: now, updatedAt: now)
        let account = Account(user: user, profile: command.profile)
        let validation = ValidationToken(
            id: identifiers.next(), userID: user.id, purpose: .verify, address: user.email, createdAt: now,
            expiresAt: now + validationLifetime)
        return try await work.write { context in
            // There was none before the hash, so what stands in the way came meanwhile, or the answer is private.
            guard try context.users.insert(account) else {
                let known = try Self.known(command, context) ?? .emailTaken
                if isPrivate, known == .emailTaken { try remind(command.email, validation.id, at: now, in: context) }
                return known
            }
            try context.validations.insert(validation)
            try context.publish(UserCreated(userID: user.id, validationID: validation.id))
            try context.audit(
                .done(
                    "user.registered", by: "user:\(user.id)", on: "user:\(user.id)", personal: command.client.personal))
            return .registered(account)
        }
    }

    /// Tells the owner of an address that it was registered again; where nobody has proved it, by another mail that does.
    private func remind(
        _ email: EmailAddress, _ id: ValidationID, at now: Timestamp, in context: any AccountsContext
    ) throws {
        guard let user = try context.users.lock(email: email)?.user, user.isActive else { return }
        guard !user.isVerified else { return try context.publish(UserRegistrationRepeated(userID: user.id)) }
        guard try context.mayMail(.verify, to: user, at: now) else { return }
        try context.validations.insert(
            ValidationToken(
                id: id, userID: user.id, purpose: .verify, address: user.email, createdAt: now,
                expiresAt: now + validationLifetime))
        try context.publish(UserVerificationRequested(userID: user.id, validationID: id))
    }

    /// What a command that cannot make an account any more answers.
    private static func known(
        _ command: RegisterUserCommand, _ context: any AccountsContext
    ) throws -> RegisterUserOutcome? {
        // The address first: between two looks another run of the same command may commit, which is found by either.
        let owner = try context.users.find(email: command.email)
        if let owner, owner.user.id == command.id { return .registered(owner) }
        if let account = try context.users.find(command.id) { return .registered(account) }
        return owner == nil ? nil : .emailTaken
    }
}
