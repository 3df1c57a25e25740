import AccountsContract
import AccountsDomain
import Shared

package struct UserAdministrationService: UserAdministration {
    private let work: any AccountsWork
    private let clock: any WallClock

    package init(work: any AccountsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    package func find(_ id: UserID) async throws -> UserRecord? {
        try await work.read { try $0.users.find(id)?.record }
    }

    package func find(email: EmailAddress) async throws -> UserRecord? {
        try await work.read { try $0.users.find(email: email)?.record }
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
