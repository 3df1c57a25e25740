import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared

struct InMemoryUserRepository: UserRepository {
    let context: InMemoryAccountsContext

    func find(_ id: UserID) throws -> Account? { context.store.accounts[id] }

    func find(email: EmailAddress) throws -> Account? { context.store.account(email.key) }

    /// Units of work come one after the other here, so there is nothing to wait for.
    func lock(_ id: UserID) throws -> Account? { try find(id) }

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
            store.loginCodes = store.loginCodes.filter { $0.value.userID != id }
        }
    }

    func update(_ profile: Profile, of userID: UserID) throws {
        try context.change { $0.accounts[userID]?.profile = profile }
    }

    func lockAdministrators() throws -> Int { context.store.accounts.values.count { $0.user.role == .admin } }

    func unproved(before moment: Timestamp, limit: Int) throws -> [UserID] {
        let unproved = context.store.accounts.values.map(\.user).filter { !$0.isVerified && $0.updatedAt < moment }
        return unproved.sorted { $0.updatedAt < $1.updatedAt }.prefix(limit).map(\.id)
    }
}
