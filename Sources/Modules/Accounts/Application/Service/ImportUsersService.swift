import AccountsContract
import AccountsDomain
import Shared

package struct ImportUsersService: ImportUsers {
    private let work: any AccountsWork
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    package init(work: any AccountsWork, clock: any WallClock, identifiers: any IdentifierSource) {
        self.work = work
        self.clock = clock
        self.identifiers = identifiers
    }

    package func begin(_ id: Identifier?, by actor: AdministrativeActor?) async throws {
        let actor = actor.map { AuditActor($0) } ?? .system
        let entry = AuditEntry.done(
            "users.import_started", by: actor.text, on: "import:\(id ?? identifiers.next())",
            personal: actor.personal)
        try await work.write { try $0.audit(entry) }
    }

    package func callAsFunction(
        _ users: [ImportedUser], by actor: AdministrativeActor?
    ) async throws -> [ImportUserOutcome] {
        let now = clock.now
        let accounts = users.map { account($0, at: now) }
        return try await work.write { context in
            try accounts.map { account in
                var outcome = ImportUserOutcome.created
                if try !context.users.insert(account) {
                    guard try Self.removeClaim(on: account.user, at: now, by: actor, in: context),
                        try context.users.insert(account)
                    else { return .emailTaken }
                    outcome = .replacedClaim
                }
                try context.publish(UserCreated(userID: account.user.id, validationID: nil))
                if let actor { try context.audit(.done("user.created", account.user.id, by: actor)) }
                return outcome
            }
        }
    }

    /// An address that was proved elsewhere belongs to whoever proved it there, and not to somebody who registered it
    /// here and has proved nothing.
    ///
    /// - Returns: whether the address may be free now.
    private static func removeClaim(
        on user: User, at now: Timestamp, by actor: AdministrativeActor?, in context: any AccountsContext
    ) throws -> Bool {
        guard user.isVerified, let claim = try context.users.find(email: user.email)?.user else { return false }
        guard let claim = try context.users.lock(claim.id)?.user else { return true }
        guard !claim.isVerified else { return false }
        try context.erase(claim.id, at: now, by: actor.map { AuditActor($0) } ?? .system)
        return true
    }

    private func account(_ imported: ImportedUser, at now: Timestamp) -> Account {
        var user = User(
            id: identifiers.next(), email: imported.email, username: imported.username,
            passwordHash: imported.passwordHash?.reveal(), isVerified: imported.isVerified, registeredFrom: nil,
            createdAt: imported.createdAt ?? now, updatedAt: now)
        if let locale = imported.locale { user.locale = locale }
        return Account(user: user, profile: imported.profile)
    }
}
