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
        }
    }

    func hasAdministrator() throws -> Bool { context.store.accounts.values.contains { $0.user.role == .admin } }
}

struct InMemorySessionRepository: SessionRepository {
    let context: InMemoryAccountsContext

    func find(_ id: SessionID) throws -> Session? { context.store.sessions[id] }

    func insert(_ session: Session, refreshToken: RefreshTokenRecord) throws {
        try context.change { store in
            guard store.accounts[session.userID] != nil else { throw InternalFailure("the session has no user") }
            store.sessions[session.id] = session
            store.refreshTokens.append(refreshToken)
        }
    }

    func revoke(_ id: SessionID, at now: Timestamp, reason: Session.RevocationReason) throws -> Bool {
        try context.change { store in
            guard var session = store.sessions[id], session.revokedAt == nil else { return false }
            session.revokedAt = now
            session.revocationReason = reason
            store.sessions[id] = session
            return true
        }
    }

    func revokeAll(of userID: UserID, at now: Timestamp, reason: Session.RevocationReason) throws -> [SessionID] {
        let alive = context.store.sessions.values.filter { $0.userID == userID && $0.isAlive(at: now) }.map(\.id)
        return try alive.filter { try revoke($0, at: now, reason: reason) }
    }
}

struct InMemoryValidationTokenRepository: ValidationTokenRepository {
    let context: InMemoryAccountsContext

    func find(_ id: ValidationID) throws -> ValidationToken? { context.store.validations[id] }

    func latest(_ purpose: ValidationToken.Purpose, of userID: UserID) throws -> ValidationToken? {
        context.store.validations.values.filter { $0.purpose == purpose && $0.userID == userID }
            .max { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    func insert(_ token: ValidationToken) throws {
        try context.change { store in
            if let userID = token.userID, store.accounts[userID] == nil {
                throw InternalFailure("the validation has no user")
            }
            store.validations[token.id] = token
        }
    }

    func markUsed(_ id: ValidationID, at now: Timestamp) throws -> Bool {
        try context.change { store in
            guard let token = store.validations[id], token.usedAt == nil else { return false }
            store.validations[id]?.usedAt = now
            return true
        }
    }
}
