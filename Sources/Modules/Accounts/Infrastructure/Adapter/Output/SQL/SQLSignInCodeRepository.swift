import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLSignInCodeRepository: SignInCodeRepository {
    let transaction: any SQLTransaction

    func find(_ id: SignInCodeID) throws -> SignInCode? {
        try transaction.first("\(Self.selectCode) WHERE id = \(id)", Self.code)
    }

    func latest(of userID: UserID, at now: Timestamp) throws -> SignInCode? {
        try transaction.first(
            """
            \(Self.selectCode) WHERE user_id = \(userID) AND created_at <= \(now.latestCredible)
            ORDER BY created_at DESC, id DESC LIMIT 1
            """, Self.code)
    }

    func attempts(
        of userID: UserID, by guesser: SignInCode.Guesser, since: Timestamp, at now: Timestamp
    ) throws -> Int {
        try transaction.first(
            """
            SELECT CAST(coalesce(sum(attempts), 0) AS BIGINT), CAST(coalesce(sum(owner_attempts), 0) AS BIGINT)
            FROM login_codes WHERE user_id = \(userID) AND created_at >= \(since) AND created_at <= \(now.latestCredible)
            """
        ) { try $0.integer(guesser == .owner ? 1 : 0) } ?? 0
    }

    func insert(_ code: SignInCode) throws {
        try transaction.submit(
            """
            INSERT INTO login_codes (id, user_id, address, created_at, expires_at, attempts, owner_attempts, used_at)
            VALUES (\(code.id), \(code.userID), \(code.address.text), \(code.createdAt), \(code.expiresAt),
                \(code.attempts), \(code.ownerAttempts), \(code.usedAt))
            """)
    }

    func update(_ code: SignInCode) throws {
        try transaction.submit(
            """
            UPDATE login_codes SET attempts = \(code.attempts), owner_attempts = \(code.ownerAttempts),
                used_at = \(code.usedAt)
            WHERE id = \(code.id)
            """)
    }

    func cancelAll(of userID: UserID, at now: Timestamp) throws {
        try transaction.submit(
            "UPDATE login_codes SET used_at = \(now) WHERE user_id = \(userID) AND used_at IS NULL")
    }

    private static let selectCode: Statement =
        "SELECT id, user_id, address, created_at, expires_at, attempts, owner_attempts, used_at FROM login_codes"

    private static func code(_ row: Row) throws -> SignInCode {
        var next = row.reader
        let id: SignInCodeID = try next.id()
        let userID: UserID = try next.id()
        guard let address = EmailAddress(try next.text()) else {
            throw InternalFailure("login code \(id) has no valid address")
        }
        return SignInCode(
            id: id, userID: userID, address: address, createdAt: try next.timestamp(),
            expiresAt: try next.timestamp(), attempts: try next.integer(), ownerAttempts: try next.integer(),
            usedAt: try next.optionalTimestamp())
    }
}
