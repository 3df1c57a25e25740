import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLSessionRepository: SessionRepository {
    let transaction: any SQLTransaction

    /// How many tokens a rotation forgets at the most; more than it makes, so that they never pile up.
    private static let forgottenMax = 4

    func find(_ id: SessionID) throws -> Session? {
        try transaction.first("\(Self.selectSession) WHERE id = \(id)", Self.session)
    }

    func lock(_ id: SessionID) throws -> Session? {
        try transaction.first("\(Self.selectSession) WHERE id = \(id)\(forUpdate)", Self.session)
    }

    func alive(of userID: UserID, at now: Timestamp) throws -> [Session] {
        try transaction.query("\(Self.selectAlive(of: userID, at: now)) ORDER BY id DESC", Self.session)
    }

    func usable(
        of userID: UserID, at now: Timestamp, usedAfter horizon: Timestamp, _ part: PageRequest<NewestFirst>
    ) throws -> Page<Session, NewestFirst> {
        let isBehind: Statement = part.after.map { "AND id < \($0.id)" } ?? ""
        let sessions = try transaction.query(
            """
            \(Self.selectAlive(of: userID, at: now)) \(isBehind)
                AND (last_used > \(horizon) OR EXISTS (
                    SELECT 1 FROM refresh_tokens
                    WHERE session_id = sessions.id AND refresh_tokens.generation = sessions.generation
                        AND replaced_by_jti IS NULL AND refresh_tokens.expires_at > \(now)))
            ORDER BY id DESC LIMIT \(part.limit + 1)
            """,
            Self.session)
        return Page(overfetched: sessions, limit: part.limit) { NewestFirst($0.id) }
    }

    private static func selectAlive(of userID: UserID, at now: Timestamp) -> Statement {
        "\(selectSession) WHERE user_id = \(userID) AND revoked_at IS NULL AND expires_at > \(now)"
    }

    func all(of userID: UserID) throws -> [Session] {
        try transaction.query("\(Self.selectSession) WHERE user_id = \(userID) ORDER BY created_at", Self.session)
    }

    func insert(_ session: Session, refreshToken: RefreshTokenRecord) throws {
        try transaction.submit(
            """
            INSERT INTO sessions (id, user_id, generation, branch, user_agent, address, created_at, last_used,
                expires_at, revoked_at, reason, auth_time, amr, acr, identity_id)
            VALUES (\(session.id), \(session.userID), \(session.generation), \(session.branch), \(session.userAgent),
                \(session.address?.description), \(session.createdAt), \(session.lastUsed), \(session.expiresAt),
                \(session.revokedAt), \(session.revocationReason?.rawValue), \(session.proof.at),
                \(session.proof.methodsText), \(session.proof.level.rawValue), \(session.identityID))
            """)
        try insert(refreshToken)
    }

    func currentRefreshToken(of session: Session) throws -> RefreshTokenRecord? {
        try transaction.first(
            """
            \(Self.selectRefreshToken)
            WHERE session_id = \(session.id) AND generation = \(session.generation) AND replaced_by_jti IS NULL
            """, Self.refreshToken)
    }

    func refreshToken(_ reading: RefreshTokenReading) throws -> RefreshTokenRecord? {
        try transaction.first(
            """
            \(Self.selectRefreshToken)
            WHERE session_id = \(reading.sessionID) AND generation = \(reading.generation)
                AND token_hash = \(reading.hash)
            """, Self.refreshToken)
    }

    func rotate(
        _ session: Session, presented: RefreshTokenRecord, to successor: RefreshTokenRecord, at now: Timestamp,
        forgettingBefore horizon: Timestamp
    ) throws {
        // By generation, because a session may have spent many tokens a moment ago.
        try transaction.submit(
            """
            DELETE FROM refresh_tokens
            WHERE session_id = \(session.id) AND revoked_at < \(horizon) AND jti <> \(presented.jti) AND generation IN (
                SELECT generation FROM refresh_tokens WHERE session_id = \(session.id)
                ORDER BY generation LIMIT \(Self.forgottenMax))
            """)
        try transaction.submit(
            """
            UPDATE refresh_tokens SET revoked = \(true), revoked_at = \(now), replaced_by_jti = \(successor.jti)
            WHERE session_id = \(session.id) AND generation >= \(presented.generation)
                AND (replaced_by_jti IS NULL OR jti = \(presented.jti))
            """)
        try insert(successor)
        try transaction.submit(
            """
            UPDATE sessions SET generation = \(session.generation), branch = \(session.branch),
                last_used = \(session.lastUsed), user_agent = \(session.userAgent),
                address = \(session.address?.description)
            WHERE id = \(session.id)
            """)
    }

    private func insert(_ token: RefreshTokenRecord) throws {
        try transaction.submit(
            """
            INSERT INTO refresh_tokens (jti, session_id, token_hash, generation, created_at, expires_at, revoked)
            VALUES (\(token.jti), \(token.sessionID), \(token.hash), \(token.generation), \(token.createdAt),
                \(token.expiresAt), \(false))
            """)
    }

    func keep(_ proof: SignInProof, of id: SessionID) throws {
        try transaction.submit(
            """
            UPDATE sessions SET auth_time = \(proof.at), amr = \(proof.methodsText), acr = \(proof.level.rawValue)
            WHERE id = \(id) AND revoked_at IS NULL
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

    private static let selectSession: Statement =
        """
        SELECT id, user_id, generation, branch, user_agent, address, created_at, last_used, expires_at, revoked_at,
            reason, auth_time, amr, acr, identity_id
        FROM sessions
        """

    private static let selectRefreshToken: Statement =
        """
        SELECT session_id, jti, token_hash, generation, created_at, expires_at, revoked_at, replaced_by_jti
        FROM refresh_tokens
        """

    private static func refreshToken(_ row: Row) throws -> RefreshTokenRecord {
        var next = row.reader
        return RefreshTokenRecord(
            sessionID: try next.id(), jti: try next.identifier(), hash: try next.bytes(),
            generation: try next.integer(), createdAt: try next.timestamp(), expiresAt: try next.timestamp(),
            spentAt: try next.optionalTimestamp(), successor: try next.optionalIdentifier())
    }

    private static func session(_ row: Row) throws -> Session {
        var next = row.reader
        return Session(
            id: try next.id(), userID: try next.id(), generation: try next.integer(), branch: try next.integer(),
            userAgent: try next.optionalText(),
            address: try next.optionalText().flatMap { NetworkAddress(text: $0) }, createdAt: try next.timestamp(),
            lastUsed: try next.timestamp(), expiresAt: try next.timestamp(),
            revokedAt: try next.optionalTimestamp(),
            revocationReason: try next.optionalText().flatMap(Session.RevocationReason.init),
            proof: try proof(&next), identityID: try next.optionalIdentifier().map { IdentityID($0) })
    }

    /// Nil of a session that an older version opened.
    private static func proof(_ next: inout RowReader) throws -> SignInProof? {
        let (at, methods, level) = (try next.optionalTimestamp(), try next.optionalText(), try next.optionalText())
        guard let at, let methods, let level else { return nil }
        return SignInProof(
            SignInProof.methods(text: methods), level: AssuranceLevel(rawValue: level) ?? .aal1, at: at)
    }
}
