import AccountsContract
import AccountsDomain
import Shared

extension InMemorySessionRepository {
    /// Units of work come one after the other here, so there is nothing to wait for.
    func lock(_ id: SessionID) throws -> Session? { try find(id) }

    func alive(of userID: UserID, at now: Timestamp) throws -> [Session] {
        context.store.sessions.values.filter { $0.userID == userID && $0.isAlive(at: now) }
            .sorted { ($0.lastUsed, $0.id) > ($1.lastUsed, $1.id) }
    }

    func currentRefreshToken(of id: SessionID) throws -> RefreshTokenRecord? {
        context.store.refreshTokens.first { $0.sessionID == id && $0.successor == nil }
    }

    func refreshToken(of id: SessionID, hash: [UInt8]) throws -> RefreshTokenRecord? {
        context.store.refreshTokens.first { $0.sessionID == id && $0.hash == hash }
    }

    func rotate(
        _ session: Session, presented: RefreshTokenRecord, to successor: RefreshTokenRecord, at now: Timestamp,
        forgettingBefore horizon: Timestamp
    ) throws {
        try context.change { store in
            store.refreshTokens.removeAll { token in
                token.sessionID == session.id && token.jti != presented.jti && token.spentAt.map { $0 < horizon } == true
            }
            for index in store.refreshTokens.indices where store.refreshTokens[index].sessionID == session.id {
                let token = store.refreshTokens[index]
                guard token.successor == nil || token.jti == presented.jti else { continue }
                store.refreshTokens[index].spentAt = now
                store.refreshTokens[index].successor = successor.jti
            }
            store.refreshTokens.append(successor)
            store.sessions[session.id] = session
        }
    }
}
