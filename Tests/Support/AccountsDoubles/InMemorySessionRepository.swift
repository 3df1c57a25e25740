import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport

struct InMemorySessionRepository: SessionRepository {
    let context: InMemoryContext<AccountsStore>

    func find(_ id: SessionID) throws -> Session? { context.store.sessions[id] }

    /// Units of work come one after the other here, so there is nothing to wait for.
    func lock(_ id: SessionID) throws -> Session? { try find(id) }

    func alive(of userID: UserID, at now: Timestamp) throws -> [Session] {
        try all(of: userID).filter { $0.isAlive(at: now) }.sorted { $0.id > $1.id }
    }

    func usable(
        of userID: UserID, at now: Timestamp, usedAfter horizon: Timestamp, _ part: PageRequest<NewestFirst>
    ) throws -> Page<Session, NewestFirst> {
        let usable = try alive(of: userID, at: now).filter { session in
            if session.lastUsed > horizon { return true }
            let token = try currentRefreshToken(of: session)
            return token.map { $0.expiresAt > now } ?? false
        }
        return Page(of: usable, part) { NewestFirst($0.id) }
    }

    func all(of userID: UserID) throws -> [Session] {
        context.store.sessions.values.filter { $0.userID == userID }.sorted { $0.createdAt < $1.createdAt }
    }

    func insert(_ session: Session, refreshToken: RefreshTokenRecord) throws {
        try context.change { store in
            guard store.accounts[session.userID] != nil else { throw InternalFailure("the session has no user") }
            store.sessions[session.id] = session
            store.refreshTokens.append(refreshToken)
        }
    }

    func currentRefreshToken(of session: Session) throws -> RefreshTokenRecord? {
        context.store.refreshTokens.first {
            $0.sessionID == session.id && $0.generation == session.generation && $0.successor == nil
        }
    }

    func refreshToken(_ reading: RefreshTokenReading) throws -> RefreshTokenRecord? {
        context.store.refreshTokens.first {
            RefreshTokenReading(sessionID: $0.sessionID, generation: $0.generation, hash: $0.hash) == reading
        }
    }

    func rotate(
        _ session: Session, presented: RefreshTokenRecord, to successor: RefreshTokenRecord, at now: Timestamp,
        forgettingBefore horizon: Timestamp
    ) throws {
        try context.change { store in
            store.refreshTokens.removeAll { token in
                token.sessionID == session.id && token.jti != presented.jti
                    && token.spentAt.map { $0 < horizon } == true
            }
            for index in store.refreshTokens.indices {
                let token = store.refreshTokens[index]
                guard token.sessionID == session.id, token.successor == nil || token.jti == presented.jti else {
                    continue
                }
                store.refreshTokens[index].spentAt = now
                store.refreshTokens[index].successor = successor.jti
            }
            store.refreshTokens.append(successor)
            store.sessions[session.id]?.generation = session.generation
            store.sessions[session.id]?.branch = session.branch
            store.sessions[session.id]?.lastUsed = session.lastUsed
            store.sessions[session.id]?.userAgent = session.userAgent
            store.sessions[session.id]?.address = session.address
        }
    }

    func keep(_ proof: SignInProof, of id: SessionID) throws {
        try context.change { store in
            guard store.sessions[id]?.revokedAt == nil else { return }
            store.sessions[id]?.proof = proof
        }
    }

    func revoke(_ id: SessionID, at now: Timestamp, reason: Session.RevocationReason) throws -> Bool {
        try context.change { store in
            guard var session = store.sessions[id], session.revokedAt == nil else { return false }
            session.revokedAt = now
            session.revocationReason = reason
            store.sessions[id] = session
            for index in store.refreshTokens.indices
            where store.refreshTokens[index].sessionID == id && store.refreshTokens[index].spentAt == nil {
                store.refreshTokens[index].spentAt = now
            }
            return true
        }
    }
}
