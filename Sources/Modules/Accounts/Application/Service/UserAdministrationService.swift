import AccountsContract
import AccountsDomain
import Shared

/// Administrators' work on accounts; the files beside this one have a use case or two each.
package struct UserAdministrationService: UserAdministration {
    let work: any AccountsWork
    let hasher: any PasswordHasher
    let passwords: any PasswordPolicy
    let clock: any WallClock
    let identifiers: any IdentifierSource
    let validationLifetime: Duration
    let linkLifetime: Duration

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, passwords: any PasswordPolicy, clock: any WallClock,
        identifiers: any IdentifierSource, validationLifetime: Duration, linkLifetime: Duration
    ) {
        self.work = work
        self.hasher = hasher
        self.passwords = passwords
        self.clock = clock
        self.identifiers = identifiers
        self.validationLifetime = validationLifetime
        self.linkLifetime = linkLifetime
    }

    package func find(_ id: UserID) async throws -> UserRecord? {
        try await work.read { try $0.users.find(id)?.record }
    }

    package func search(_ filter: UserFilter, _ page: PageRequest) async throws -> Page<UserRecord> {
        let now = clock.now
        let after = page.cursor.flatMap { UserID(text: $0) }
        let found = try await work.read { context in
            try context.users.search(filter, after: after, limit: page.limit + 1, at: now).map(\.record)
        }
        return Page(overfetched: found, limit: page.limit) { $0.id.description }
    }

    package func delete(_ id: UserID, by actor: Principal) async throws -> DeleteUserOutcome {
        let now = clock.now
        return try await work.write { context in
            guard let user = try context.users.lock(id)?.user else { return .unknownUser }
            if try context.isLastAdministrator(user, at: now) { return .lastAdministrator }
            try context.erase(id, at: now, by: AuditActor(actor))
            return .deleted
        }
    }

    package func setAdministrator(
        _ isAdministrator: Bool, of id: UserID, by actor: Principal
    ) async throws -> SetAdministratorOutcome {
        let now = clock.now
        let role: PlatformRole? = isAdministrator ? .admin : nil
        return try await work.write { context in
            guard var account = try context.users.lock(id) else { return .unknownUser }
            guard account.user.role != role else { return .set(account.record) }
            if try context.isLastAdministrator(account.user, at: now) { return .lastAdministrator }
            account.user.setRole(role, at: now)
            try context.users.update(account.user)
            if isAdministrator {
                try context.reclaimForAdministrator(&account.user, at: now, by: AuditActor(actor))
            }
            try context.tellChange(of: id, at: now)
            try context.publish(UserUpdated(userID: id))
            let action = isAdministrator ? "administrator.appointed" : "administrator.dismissed"
            try context.audit(.done(action, id, by: actor))
            return .set(account.record)
        }
    }
}

extension AuditEntry {
    /// What an administrator did to a user.
    static func done(_ action: String, _ id: UserID, by actor: Principal) -> AuditEntry {
        .done(action, on: "user:\(id)", by: actor)
    }
}

extension Account {
    var record: UserRecord {
        UserRecord(
            standing: user.standing, username: user.username, firstName: profile.firstName,
            lastName: profile.lastName, image: profile.image, locale: user.locale, provider: user.provider,
            createdAt: user.createdAt, updatedAt: user.updatedAt)
    }
}
