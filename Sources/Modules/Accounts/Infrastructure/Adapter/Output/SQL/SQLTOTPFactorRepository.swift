import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLTOTPFactorRepository: TOTPFactorRepository {
    let transaction: any SQLTransaction

    func all(of userID: UserID) throws -> [TOTPFactor] {
        try transaction.query(
            """
            SELECT id, user_id, name, secret, last_step, created_at, confirmed_at, last_used_at FROM mfa_factors
            WHERE user_id = \(userID) AND kind = 'totp' ORDER BY id
            """, Self.factor)
    }

    func insert(_ factor: TOTPFactor) throws {
        try transaction.submit(
            """
            INSERT INTO mfa_factors (id, user_id, kind, name, secret, last_step, created_at, confirmed_at, last_used_at)
            VALUES (\(factor.id), \(factor.userID), 'totp', \(factor.name), \(factor.sealedSecret), \(factor.lastStep),
                \(factor.createdAt), \(factor.confirmedAt), \(factor.lastUsedAt))
            """)
    }

    func confirm(_ id: FactorID, step: Int64, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE mfa_factors SET confirmed_at = \(now), last_step = \(step)
            WHERE id = \(id) AND confirmed_at IS NULL AND last_step < \(step)
            """) == 1
    }

    func take(step: Int64, of id: FactorID, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE mfa_factors SET last_step = \(step), last_used_at = \(now)
            WHERE id = \(id) AND confirmed_at IS NOT NULL AND last_step < \(step)
            """) == 1
    }

    func delete(_ id: FactorID) throws -> Bool {
        try transaction.execute("DELETE FROM mfa_factors WHERE id = \(id)") == 1
    }

    func deleteAll(of userID: UserID) throws {
        try transaction.submit("DELETE FROM mfa_factors WHERE user_id = \(userID)")
    }

    private static func factor(_ row: Row) throws -> TOTPFactor {
        var next = row.reader
        return TOTPFactor(
            id: try next.id(), userID: try next.id(), name: try next.text(), sealedSecret: try next.bytes(),
            lastStep: Int64(try next.integer()), createdAt: try next.timestamp(),
            confirmedAt: try next.optionalTimestamp(), lastUsedAt: try next.optionalTimestamp())
    }
}
