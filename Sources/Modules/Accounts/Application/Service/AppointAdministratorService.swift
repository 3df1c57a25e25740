import AccountsContract
import AccountsDomain
import Shared

/// Makes platform administrators by a link that lives one hour and works once: no password is ever printed.
package struct AppointAdministratorService: Sendable {
    private let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let signer: any ValidationTokenSigner
    private let links: any AccountsLinks
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    private static let linkLifetime: Duration = .seconds(3_600)

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, signer: any ValidationTokenSigner,
        links: any AccountsLinks, clock: any WallClock, identifiers: any IdentifierSource
    ) {
        self.work = work
        self.hasher = hasher
        self.signer = signer
        self.links = links
        self.clock = clock
        self.identifiers = identifiers
    }

    /// - Parameter email: nil if the link's holder chooses.
    /// - Returns: the link.
    package func invite(email: EmailAddress?) async throws -> String {
        let token = makeToken(email)
        try await work.write { try insert(token, in: $0) }
        return links.administrator(token: signer.text(of: token))
    }

    /// A link for the very first administrator; nil if there is one.
    package func inviteFirst() async throws -> String? {
        let token = makeToken(nil)
        let isFirst = try await work.write { context in
            guard try context.users.lockAdministrators() == 0 else { return false }
            try insert(token, in: context)
            return true
        }
        return isFirst ? links.administrator(token: signer.text(of: token)) : nil
    }

    package func preview(_ token: String) async throws -> AdministratorPreview {
        let now = clock.now
        return try await work.read { context in
            switch try LinkReader(signer: signer).read(token, purpose: .administrator, at: now, in: context) {
            case .open(let validation): return .open(address: validation.address)
            case .used: return .refused(.invalid)
            case .refused(let refusal): return .refused(refusal)
            }
        }
    }

    package func accept(_ command: AcceptAdministratorCommand) async throws -> AcceptAdministratorOutcome {
        let address: EmailAddress?
        switch try await preview(command.token) {
        case .refused(let refusal): return .refused(refusal)
        case .open(let named): address = named ?? command.email
        }
        guard let address else { return .addressMissing }
        let hash = try await hasher.hash(command.password.text)
        let now = clock.now
        let newID: UserID = identifiers.next()
        return try await work.write { context in
            let validation: ValidationToken
            switch try LinkReader(signer: signer).read(command.token, purpose: .administrator, at: now, in: context) {
            case .open(let open): validation = open
            case .used: return .refused(.invalid)
            case .refused(let refusal): return .refused(refusal)
            }
            guard try context.validations.markUsed(validation.id, at: now) else { return .refused(.invalid) }
            let account = try appoint(address, newID: newID, hash: hash, command.client, at: now, in: context)
            try context.audit(
                .done(
                    "administrator.appointed", by: "link:\(validation.id)", on: "user:\(account.user.id)",
                    personal: command.client.personal))
            return .appointed(account)
        }
    }

    private func makeToken(_ email: EmailAddress?) -> ValidationToken {
        let now = clock.now
        return ValidationToken(
            id: identifiers.next(), userID: nil, purpose: .administrator, address: email, createdAt: now,
            expiresAt: now + Self.linkLifetime)
    }

    private func insert(_ token: ValidationToken, in context: any AccountsContext) throws {
        try context.validations.insert(token)
        try context.audit(.done("administrator.invited", by: "system", on: "link:\(token.id)"))
    }

    /// A known account keeps its profile but nothing that anybody has begun on it. It may sign in again.
    private func appoint(
        _ address: EmailAddress, newID: UserID, hash: String, _ client: ClientInfo, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> Account {
        if var account = try context.users.lock(email: address) {
            account.user.passwordHash = hash
            account.user.role = .admin
            account.user.isActive = true
            let wasBlocked = account.user.block?.isInEffect(at: now) == true
            account.user.block = nil
            account.user.verify(at: now)
            try context.reclaimForAdministrator(&account.user, at: now, by: .system)
            // Whoever holds the link may have lost them, and nobody else is there to reset them.
            try context.removeFactors(of: &account.user, at: now)
            try context.tellChange(of: account.user.id, at: now)
            if wasBlocked { try context.publish(UserUnblocked(userID: account.user.id)) }
            return account
        }
        let user = User(
            id: newID, email: address, username: nil, passwordHash: hash, isVerified: true, role: .admin,
            registeredFrom: client.address, createdAt: now, updatedAt: now)
        let account = Account(user: user, profile: Profile())
        guard try context.users.insert(account) else {
            throw Unavailable("database", reason: "the address was registered at the same moment")
        }
        try context.publish(UserCreated(userID: newID, validationID: nil))
        return account
    }
}
