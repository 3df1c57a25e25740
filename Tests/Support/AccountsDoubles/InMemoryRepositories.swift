import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport

struct InMemoryUserRepository: UserRepository {
    let context: InMemoryContext<AccountsStore>

    func find(_ id: UserID) throws -> Account? { context.store.accounts[id] }

    func find(email: EmailAddress) throws -> Account? { context.store.account(email.key) }

    /// Units of work come one after the other here, so there is nothing to wait for.
    func lock(_ id: UserID) throws -> Account? { try find(id) }

    func passwordHash(at place: String) throws -> String? {
        let users = context.store.accounts.values.map(\.user).filter { $0.passwordHash != nil }
        let sorted = users.sorted { Self.place($0) < Self.place($1) }
        return (sorted.first { Self.place($0) >= place } ?? sorted.first)?.passwordHash
    }

    private static func place(_ user: User) -> String { Hex.encode(Array(user.id.value.bytes.suffix(6))) }

    func insert(_ account: Account) throws -> Bool {
        try context.change { store in
            guard store.account(account.user.email.key) == nil else { return false }
            store.accounts[account.user.id] = account
            return true
        }
    }

    func update(_ user: User) throws {
        try context.change { store in
            let owner = store.account(user.email.key)
            guard owner == nil || owner?.user.id == user.id else { throw InternalFailure("the address is taken") }
            store.accounts[user.id]?.user = user
        }
    }

    func delete(_ id: UserID) throws {
        try context.change { store in
            store.accounts[id] = nil
            let gone = Set(store.sessions.values.filter { $0.userID == id }.map(\.id))
            store.sessions = store.sessions.filter { !gone.contains($0.key) }
            store.refreshTokens.removeAll { gone.contains($0.sessionID) }
            store.validations = store.validations.filter { $0.value.userID != id }
            store.signInCodes = store.signInCodes.filter { $0.value.userID != id }
            store.identities = store.identities.filter { $0.value.userID != id }
            store.appCodes = store.appCodes.filter { $0.value.userID != id }
            store.totpFactors = store.totpFactors.filter { $0.value.userID != id }
            store.recoveryCodes.removeAll { $0.userID == id }
            store.mfaChallenges = store.mfaChallenges.filter { $0.value.userID != id }
            store.mfaResets[id] = nil
        }
    }

    func update(_ profile: Profile, of userID: UserID) throws {
        try context.change { $0.accounts[userID]?.profile = profile }
    }

    func lockAdministrators() throws -> Int { context.store.accounts.values.count { $0.user.role == .admin } }

    func lockAdministrators(besides id: UserID, ableAt now: Timestamp) throws -> Int {
        context.store.accounts.values.count { account in
            account.user.role == .admin && account.user.id != id && account.user.signInObstacle(at: now) == nil
        }
    }

    func search(_ filter: UserFilter, after: UserID?, limit: Int, at now: Timestamp) throws -> [Account] {
        let found = context.store.accounts.values.filter { account in
            let user = account.user
            return filter.matches(user, at: now) && after.map { user.id < $0 } ?? true
        }
        return Array(found.sorted { $0.user.id > $1.user.id }.prefix(limit))
    }

    func unproved(before moment: Timestamp, limit: Int) throws -> [UserID] {
        let unproved = context.store.accounts.values.map(\.user).filter { !$0.isVerified && $0.updatedAt < moment }
        return unproved.sorted { $0.updatedAt < $1.updatedAt }.prefix(limit).map(\.id)
    }
}

extension UserFilter {
    fileprivate func matches(_ user: User, at now: Timestamp) -> Bool {
        let standing = user.standing
        let isText = text.map { text in
            [user.email.key, user.username ?? ""].contains { Self.folded($0).contains(Self.folded(text)) }
        }
        return isText ?? true && isActive.map { $0 == standing.isActive } ?? true
            && isVerified.map { $0 == standing.isVerified } ?? true
            && isBlocked.map { $0 == standing.isBlocked(at: now) } ?? true
            && isAdministrator.map { $0 == standing.isAdministrator } ?? true
    }

    /// Its bytes, with ASCII letters in lower case.
    private static func folded(_ text: String) -> [UInt8] {
        text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }
}
