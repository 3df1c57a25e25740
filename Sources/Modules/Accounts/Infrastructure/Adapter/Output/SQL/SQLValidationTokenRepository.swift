import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLValidationTokenRepository: ValidationTokenRepository {
    let transaction: any SQLTransaction

    func find(_ id: ValidationID) throws -> ValidationToken? {
        try transaction.first("\(Self.selectToken) WHERE id = \(id)", Self.token)
    }

    func history(_ purpose: ValidationToken.Purpose, of userID: UserID, since: Timestamp) throws -> [ValidationToken] {
        try transaction.query(
            """
            \(Self.selectToken)
            WHERE user_id = \(userID) AND purpose = \(purpose.rawValue) AND created_at >= \(since)
            """, Self.token)
    }

    func insert(_ token: ValidationToken) throws {
        try transaction.submit(
            """
            INSERT INTO validation_tokens (id, user_id, purpose, address, created_at, expires_at, session_id,
                used_at)
            VALUES (\(token.id), \(token.userID), \(token.purpose.rawValue), \(token.address?.text),
                \(token.createdAt), \(token.expiresAt), \(token.sessionID), \(token.usedAt))
            """)
    }

    func markUsed(_ id: ValidationID, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            "UPDATE validation_tokens SET used_at = \(now) WHERE id = \(id) AND used_at IS NULL") == 1
    }

    func cancelAll(of userID: UserID, at now: Timestamp) throws {
        try transaction.submit(
            """
            UPDATE validation_tokens SET used_at = \(now)
            WHERE user_id = \(userID) AND used_at IS NULL AND purpose NOT IN ('email_undo', 'mfa_reset')
            """)
    }

    func cancel(
        _ purpose: ValidationToken.Purpose, of userID: UserID, since: Timestamp?, at now: Timestamp
    ) throws {
        let condition: Statement = since.map { " AND created_at >= \($0)" } ?? ""
        try transaction.submit(
            """
            UPDATE validation_tokens SET used_at = \(now)
            WHERE user_id = \(userID) AND purpose = \(purpose.rawValue) AND used_at IS NULL\(condition)
            """)
    }

    private static let selectToken: Statement =
        "SELECT id, user_id, purpose, address, created_at, expires_at, session_id, used_at FROM validation_tokens"

    private static func token(_ row: Row) throws -> ValidationToken {
        var next = row.reader
        let id: ValidationID = try next.id()
        let userID: UserID? = try next.optionalID()
        guard let purpose = ValidationToken.Purpose(rawValue: try next.text()) else {
            throw InternalFailure("validation token \(id) has an unknown purpose")
        }
        return ValidationToken(
            id: id, userID: userID, purpose: purpose,
            address: try next.optionalText().flatMap { EmailAddress($0) }, createdAt: try next.timestamp(),
            expiresAt: try next.timestamp(), sessionID: try next.optionalID(), usedAt: try next.optionalTimestamp())
    }
}
