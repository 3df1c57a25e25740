import AccountsContract
import AccountsDomain
import Shared

/// Takes over accounts that were made elsewhere, with the hashes of their passwords. Sends no mails: who is not
/// verified asks for one.
package struct ImportUsersService: Sendable {
    private let work: any AccountsWork
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    package init(work: any AccountsWork, clock: any WallClock, identifiers: any IdentifierSource) {
        self.work = work
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Notes in the audit log that a run begins.
    ///
    /// - Parameters:
    ///   - id: names the run; nil for a name of its own.
    ///   - actor: nil for somebody at the machine itself.
    package func begin(_ id: Identifier?, by actor: Principal?) async throws {
        let actor = actor.map { AuditActor($0) } ?? .system
        let entry = AuditEntry.done(
            "users.import_started", by: actor.text, on: "import:\(id ?? identifiers.next())",
            personal: actor.personal)
        try await work.write { try $0.audit(entry) }
    }

    /// Makes what is not there yet, in one unit of work.
    ///
    /// - Parameter actor: who answers for each of them in the audit log; nil for somebody at the machine itself, for
    ///   whom the run alone is noted.
    /// - Returns: what became of each, in their order.
    package func callAsFunction(
        _ users: [ImportedUser], by actor: Principal?
    ) async throws -> [ImportUserOutcome] {
        let now = clock.now
        let accounts = users.map { account($0, at: now) }
        let answerer = actor.map { AuditActor($0) } ?? .system
        return try await work.write { context in
            try accounts.map { account in
                var outcome = ImportUserOutcome.created
                if try !context.users.insert(account) {
                    // What was proved elsewhere goes before a claim that nobody has proved here.
                    guard account.user.isVerified,
                        try context.makeRoom(for: account.user.email, at: now, by: answerer),
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

    private func account(_ imported: ImportedUser, at now: Timestamp) -> Account {
        var user = User(
            id: identifiers.next(), email: imported.email, username: imported.username,
            passwordHash: imported.passwordHash?.reveal(), isVerified: imported.isVerified, registeredFrom: nil,
            createdAt: imported.createdAt ?? now, updatedAt: now)
        if let locale = imported.locale { user.locale = locale }
        return Account(user: user, profile: imported.profile)
    }
}
