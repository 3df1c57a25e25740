import NotificationsApplication
import NotificationsDomain
import SQL
import Shared

/// As `ByName` orders, whatever the database's language is.
private let byteOrder = DialectText(sqlite: "", postgres: " COLLATE \"C\"")

struct SQLMailSuppressionRepository: MailSuppressionRepository {
    let transaction: any SQLTransaction

    func find(_ address: EmailAddress) throws -> MailSuppression? {
        try transaction.first(
            "SELECT \(Self.columns) FROM mail_suppressions WHERE address_key = \(address.key)", Self.suppression)
    }

    func put(_ suppression: MailSuppression) throws {
        try transaction.submit(
            """
            INSERT INTO mail_suppressions (\(Self.columns))
            VALUES (\(suppression.address.key), \(suppression.userID), \(suppression.reason),
                \(suppression.isManual), \(suppression.createdAt))
            ON CONFLICT (address_key) DO UPDATE
                SET user_id = excluded.user_id, reason = excluded.reason, is_manual = excluded.is_manual,
                    created_at = excluded.created_at
            """)
    }

    func remove(_ address: EmailAddress) throws -> Bool {
        try transaction.execute("DELETE FROM mail_suppressions WHERE address_key = \(address.key)") == 1
    }

    func list(_ part: PageRequest<ByName>) throws -> Page<MailSuppression, ByName> {
        let isBehind: Statement = part.after.map { "address_key > \($0.description)\(byteOrder)" } ?? "1 = 1"
        let suppressions = try transaction.query(
            """
            SELECT \(Self.columns) FROM mail_suppressions WHERE \(isBehind)
            ORDER BY address_key\(byteOrder) LIMIT \(part.limit + 1)
            """, Self.suppression)
        return Page(overfetched: suppressions, limit: part.limit) { ByName($0.address.key) }
    }

    func all(of userID: Identifier) throws -> [MailSuppression] {
        try transaction.query(
            "SELECT \(Self.columns) FROM mail_suppressions WHERE user_id = \(userID) ORDER BY address_key",
            Self.suppression)
    }

    func removeAll(of userID: Identifier) throws {
        try transaction.submit("DELETE FROM mail_suppressions WHERE user_id = \(userID)")
    }

    private static let columns: Statement = "address_key, user_id, reason, is_manual, created_at"

    private static func suppression(_ row: Row) throws -> MailSuppression {
        var next = row.reader
        guard let address = EmailAddress(try next.text()) else {
            throw InternalFailure("a suppression has no valid address")
        }
        return MailSuppression(
            address: address, userID: try next.optionalIdentifier(), reason: try next.text(),
            isManual: try next.bool(), createdAt: try next.timestamp())
    }
}
