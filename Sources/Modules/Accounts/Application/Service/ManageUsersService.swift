import AccountsContract
import AccountsDomain
import Shared

/// People's accounts, for administrators; the files beside this one have a use case or two each. Who may manage users
/// at all is decided before; here the rule of cover counts.
///
/// Each change is one transaction with its events and its lines in the audit log. What changes nothing, such as a
/// second unblocking, leaves neither. The last administrator who can act stays: one who is active, verified and not
/// blocked.
package struct ManageUsersService: Sendable {
    let work: any AccountsWork
    let hasher: any PasswordHasher
    let passwords: any PasswordPolicy
    let cover: any RuleOfCover
    let clock: any WallClock
    let identifiers: any IdentifierSource
    let validationLifetime: Duration
    let linkLifetime: Duration
    let tokenLifetime: Duration

    /// - Parameter tokenLifetime: how long after its last use a session may have a good access token.
    package init(
        work: any AccountsWork, hasher: any PasswordHasher, passwords: any PasswordPolicy, cover: any RuleOfCover,
        clock: any WallClock, identifiers: any IdentifierSource, validationLifetime: Duration, linkLifetime: Duration,
        tokenLifetime: Duration
    ) {
        self.work = work
        self.hasher = hasher
        self.passwords = passwords
        self.cover = cover
        self.clock = clock
        self.identifiers = identifiers
        self.validationLifetime = validationLifetime
        self.linkLifetime = linkLifetime
        self.tokenLifetime = tokenLifetime
    }

    package func find(_ id: UserID) async throws -> UserRecord? {
        try await work.read { try $0.users.find(id)?.record }
    }

    /// The newest first.
    package func search(
        _ filter: UserFilter, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<UserRecord, NewestFirst> {
        let now = clock.now
        let after = part.after.map { UserID($0.id) }
        let found = try await work.read { context in
            try context.users.search(filter, after: after, limit: part.limit + 1, at: now).map(\.record)
        }
        return Page(overfetched: found, limit: part.limit) { NewestFirst($0.id) }
    }

    /// Erases the account with everything that belongs to it, as its owner's own erasure does.
    package func delete(_ id: UserID, by principal: Principal) async throws -> ManageUserOutcome {
        let now = clock.now
        return try await change(id, "user.deleted", by: principal) { account, context in
            if try context.isLastAdministrator(account.user, at: now) { return .lastAdministrator }
            try context.erase(id, at: now, by: AuditActor(principal))
            return .ended
        }
    }

    /// Changes an account under its lock, if the caller may do all that its owner may; an attempt without that leaves
    /// a line in the audit log.
    ///
    /// - Parameter action: as the audit log names it.
    func change(
        _ id: UserID, _ action: String, by principal: Principal,
        _ body: @escaping @Sendable (inout Account, any AccountsContext) throws -> ManageUserOutcome
    ) async throws -> ManageUserOutcome {
        try await work.write { context in
            guard var account = try context.users.lock(id) else { return .unknown }
            guard try cover.mayAct(principal, on: account.user) else {
                try context.audit(.refused(action, because: "permission_denied", on: "user:\(id)", by: principal))
                return .permissionDenied
            }
            return try body(&account, context)
        }
    }
}
