import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLMFAResetRepository: MFAResetRepository {
    let transaction: any SQLTransaction

    func find(of userID: UserID) throws -> MFAReset? {
        try transaction.first("\(Self.select) WHERE user_id = \(userID)", Self.reset)
    }

    func insert(_ reset: MFAReset) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO mfa_resets (user_id, id, requested_by, reason, requested_at, warning_at, effective_at, warned_at)
            VALUES (\(reset.userID), \(reset.id), \(reset.requestedBy), \(reset.reason), \(reset.requestedAt),
                \(reset.warningAt), \(reset.effectiveAt), \(reset.warnedAt))
            ON CONFLICT (user_id) DO NOTHING
            """) == 1
    }

    func delete(of userID: UserID) throws -> Bool {
        try transaction.execute("DELETE FROM mfa_resets WHERE user_id = \(userID)") == 1
    }

    func due(at now: Timestamp, limit: Int) throws -> [MFAReset] {
        try transaction.query(
            "\(Self.select) WHERE effective_at <= \(now) ORDER BY effective_at LIMIT \(limit)", Self.reset)
    }

    func unwarned(at now: Timestamp, limit: Int) throws -> [MFAReset] {
        try transaction.query(
            """
            \(Self.select) WHERE warning_at <= \(now) AND effective_at > \(now) AND warned_at IS NULL
            ORDER BY effective_at LIMIT \(limit)
            """, Self.reset)
    }

    func markWarned(_ id: MFAResetID, at now: Timestamp) throws {
        try transaction.submit("UPDATE mfa_resets SET warned_at = \(now) WHERE id = \(id)")
    }

    private static let select: Statement =
        """
        SELECT id, user_id, requested_by, reason, requested_at, warning_at, effective_at, warned_at FROM mfa_resets
        """

    private static func reset(_ row: Row) throws -> MFAReset {
        var next = row.reader
        return MFAReset(
            id: try next.id(), userID: try next.id(), requestedBy: try next.text(), reason: try next.text(),
            requestedAt: try next.timestamp(), warningAt: try next.timestamp(), effectiveAt: try next.timestamp(),
            warnedAt: try next.optionalTimestamp())
    }
}
