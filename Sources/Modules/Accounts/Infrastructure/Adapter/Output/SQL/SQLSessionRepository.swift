import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLSessionRepository: SessionRepository {
    let transaction: any SQLTransaction

    func find(_ id: SessionID) throws -> Session? {
        try transaction.first(
            """
            SELECT id, user_id, generation, branch, user_agent, address, created_at, last_used, expires_at,
                revoked_at, reason
            FROM sessions WHERE id = \(id)
            """, Self.session)
    }

    func insert(_ session: Session, refreshToken: RefreshTokenRecord) throws {
        try transaction.submit(
            """
            INSERT INTO sessions (id, user_id, generation, branch, user_agent, address, created_at, last_used,
                expires_at, revoked_at, reason)
            VALUES (\(session.id), \(session.userID), \(session.generation), \(session.branch), \(session.userAgent),
                \(session.address?.description), \(session.createdAt), \(session.lastUsed), \(session.expiresAt),
                \(session.revokedAt), \(session.revocationReason?.rawValue))
            """)
        try transaction.submit(
            """
            INSERT INTO refresh_tokens (jti, session_id, token_hash, generation, created_at, expires_at, revoked)
            VALUES (\(refreshToken.jti), \(refreshToken.sessionID), \(refreshToken.hash), \(refreshToken.generation),
                \(refreshToken.createdAt), \(refreshToken.expiresAt), \(false))
            """)
    }

    func revoke(_ id: SessionID, at now: Timestamp, reason: Session.RevocationReason) throws -> Bool {
        let revoked = try transaction.execute(
            """
            UPDATE sessions SET revoked_at = \(now), reason = \(reason.rawValue)
            WHERE id = \(id) AND revoked_at IS NULL
            """)
        guard revoked == 1 else { return false }
        try transaction.submit(
            """
            UPDATE refresh_tokens SET revoked = \(true), revoked_at = \(now)
            WHERE session_id = \(id) AND revoked = \(false)
            """)
        return true
    }

    func revokeAll(of userID: UserID, at now: Timestamp, reason: Session.RevocationReason) throws -> [SessionID] {
        let alive: [SessionID] = try transaction.query(
            "SELECT id FROM sessions WHERE user_id = \(userID) AND revoked_at IS NULL AND expires_at > \(now)"
        ) { try $0.id(0) }
        return try alive.filter { try revoke($0, at: now, reason: reason) }
    }

    private static func session(_ row: Row) throws -> Session {
        var next = row.reader
        return Session(
            id: try next.id(), userID: try next.id(), generation: try next.integer(), branch: try next.integer(),
            userAgent: try next.optionalText(),
            address: try next.optionalText().flatMap { NetworkAddress(text: $0) }, createdAt: try next.timestamp(),
            lastUsed: try next.timestamp(), expiresAt: try next.timestamp(),
            revokedAt: try next.optionalTimestamp(),
            revocationReason: try next.optionalText().flatMap(Session.RevocationReason.init))
    }
}
