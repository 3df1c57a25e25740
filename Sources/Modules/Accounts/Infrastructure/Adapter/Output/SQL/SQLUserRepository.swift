import AccountsApplication
import AccountsContract
import AccountsDomain
import Idempotency
import SQL
import Shared

struct SQLUserRepository: UserRepository {
    let transaction: any SQLTransaction

    func find(_ id: UserID) throws -> Account? {
        try transaction.first("\(Self.selectAccount) WHERE users.id = \(id)", Self.account)
    }

    func find(email: EmailAddress) throws -> Account? {
        try transaction.first("\(Self.selectAccount) WHERE email_key = \(email.key)", Self.account)
    }

    func lock(_ id: UserID) throws -> Account? {
        // By a statement of its own: what is joined is then read as it is after the wait for the lock.
        try transaction.lock("SELECT 1 FROM users WHERE id = \(id)")
        return try find(id)
    }

    func insert(_ account: Account) throws -> Bool {
        let user = account.user
        let inserted = try transaction.execute(
            """
            INSERT INTO users (id, email, email_key, username, password_hash, is_active, is_verified, blocked_until,
                block_reason, locale, provider, registered_from, created_at, updated_at, device_epoch,
                deactivated_by_owner, second_step)
            VALUES (\(user.id), \(user.email.text), \(user.email.key), \(user.username), \(user.passwordHash),
                \(user.isActive), \(user.isVerified), \(user.block?.until), \(user.block?.reason), \(user.locale),
                \(user.provider), \(user.registeredFrom?.description), \(user.createdAt), \(user.updatedAt),
                \(user.deviceEpoch), \(user.isDeactivatedByOwner), \(user.asksForPasskey))
            ON CONFLICT (email_key) DO NOTHING
            """)
        guard inserted == 1 else { return false }
        let profile = account.profile
        try transaction.submit(
            """
            INSERT INTO profiles (user_id, first_name, last_name, profile_img)
            VALUES (\(user.id), \(profile.firstName), \(profile.lastName), \(profile.image))
            """)
        if user.role != nil { try updateRole(of: user) }
        return true
    }

    func update(_ user: User) throws {
        try transaction.submit(
            """
            UPDATE users SET email = \(user.email.text), email_key = \(user.email.key), username = \(user.username),
                password_hash = \(user.passwordHash), is_active = \(user.isActive),
                is_verified = \(user.isVerified), blocked_until = \(user.block?.until),
                block_reason = \(user.block?.reason), locale = \(user.locale), updated_at = \(user.updatedAt),
                device_epoch = \(user.deviceEpoch), deactivated_by_owner = \(user.isDeactivatedByOwner),
                second_step = \(user.asksForPasskey)
            WHERE id = \(user.id)
            """)
        try updateRole(of: user)
    }

    func delete(_ id: UserID) throws {
        try transaction.submit("DELETE FROM users WHERE id = \(id)")
        // The answer to a registration has the names and the address in it.
        try SQLIdempotencyStore.forget(resource: id.value, in: transaction)
    }

    func update(_ profile: Profile, of userID: UserID) throws {
        try transaction.submit(
            """
            UPDATE profiles SET first_name = \(profile.firstName), last_name = \(profile.lastName),
                profile_img = \(profile.image)
            WHERE user_id = \(userID)
            """)
    }

    func lockAdministrators() throws -> Int {
        try transaction.lock(table: "platform_roles")
        return try transaction.first("SELECT count(*) FROM platform_roles WHERE role = 'admin'") { try $0.integer(0) }
            ?? 0
    }

    func lockAdministrators(besides id: UserID, ableAt now: Timestamp) throws -> Int {
        try transaction.lock(table: "platform_roles")
        return try transaction.first(
            """
            SELECT count(*) FROM platform_roles JOIN users ON users.id = platform_roles.user_id
            WHERE role = 'admin' AND users.id <> \(id) AND is_active = \(true) AND is_verified = \(true)
                AND NOT \(Self.isBlocked(at: now))
            """
        ) { try $0.integer(0) } ?? 0
    }

    func unproved(before moment: Timestamp, limit: Int) throws -> [UserID] {
        try transaction.query(
            """
            SELECT id FROM users WHERE is_verified = \(false) AND updated_at < \(moment)
            ORDER BY updated_at LIMIT \(limit)
            """
        ) { try $0.id(0) }
    }

    private func updateRole(of user: User) throws {
        if let role = user.role {
            try transaction.submit(
                """
                INSERT INTO platform_roles (user_id, role) VALUES (\(user.id), \(role.rawValue))
                ON CONFLICT (user_id) DO UPDATE SET role = excluded.role
                """)
        } else {
            try transaction.submit("DELETE FROM platform_roles WHERE user_id = \(user.id)")
        }
    }

    static let selectAccount: Statement =
        """
        SELECT users.id, email, username, password_hash, is_active, is_verified, blocked_until, block_reason, locale,
            provider, role, registered_from, created_at, updated_at, device_epoch, deactivated_by_owner, second_step,
            first_name, last_name, profile_img
        FROM users LEFT JOIN profiles ON profiles.user_id = users.id
            LEFT JOIN platform_roles ON platform_roles.user_id = users.id
        """

    private static func block(_ next: inout RowReader) throws -> UserBlock? {
        let until = try next.optionalTimestamp()
        return UserBlock(storedReason: try next.optionalText(), until: until)
    }

    static func account(_ row: Row) throws -> Account {
        var next = row.reader
        let id: UserID = try next.id()
        guard let email = EmailAddress(try next.text()) else {
            throw InternalFailure("user \(id) has no valid address")
        }
        let user = User(
            id: id, email: email, username: try next.optionalText(), passwordHash: try next.optionalText(),
            isActive: try next.bool(), isVerified: try next.bool(), block: try block(&next),
            locale: try next.text(), provider: try next.text(),
            role: try next.optionalText().flatMap(PlatformRole.init),
            registeredFrom: try next.optionalText().flatMap { NetworkAddress(text: $0) },
            createdAt: try next.timestamp(), updatedAt: try next.timestamp(),
            deviceEpoch: try next.optionalInteger() ?? 0, isDeactivatedByOwner: try next.optionalBool() ?? false,
            asksForPasskey: try next.bool())
        let profile = Profile(
            firstName: try next.optionalText(), lastName: try next.optionalText(), image: try next.optionalText())
        return Account(user: user, profile: profile)
    }
}
