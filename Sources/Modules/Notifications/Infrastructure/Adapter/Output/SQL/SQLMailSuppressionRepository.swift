import NotificationsApplication
import NotificationsDomain
import SQL
import Shared

struct SQLMailSuppressionRepository: MailSuppressionRepository {
    let transaction: any SQLTransaction

    func find(_ address: EmailAddress) throws -> MailSuppression? {
        try transaction.first(
            "SELECT user_id, reason, created_at FROM mail_suppressions WHERE address_key = \(address.key)"
        ) { row in
            var next = row.reader
            return MailSuppression(
                address: address, userID: try next.optionalIdentifier(), reason: try next.text(),
                createdAt: try next.timestamp())
        }
    }

    func put(_ suppression: MailSuppression) throws {
        try transaction.submit(
            """
            INSERT INTO mail_suppressions (address_key, user_id, reason, created_at)
            VALUES (\(suppression.address.key), \(suppression.userID), \(suppression.reason), \(suppression.createdAt))
            ON CONFLICT (address_key) DO UPDATE
                SET user_id = excluded.user_id, reason = excluded.reason, created_at = excluded.created_at
            """)
    }

    func remove(_ address: EmailAddress) throws {
        try transaction.submit("DELETE FROM mail_suppressions WHERE address_key = \(address.key)")
    }

    func all(of userID: Identifier) throws -> [MailSuppression] {
        try transaction.query(
            """
            SELECT address_key, reason, created_at FROM mail_suppressions
            WHERE user_id = \(userID) ORDER BY address_key
            """
        ) { row in
            var next = row.reader
            let text = try next.text()
            guard let address = EmailAddress(text) else {
                throw InternalFailure("a suppression has no valid address")
            }
            return MailSuppression(
                address: address, userID: userID, reason: try next.text(), createdAt: try next.timestamp())
        }
    }

    func removeAll(of userID: Identifier) throws {
        try transaction.submit("DELETE FROM mail_suppressions WHERE user_id = \(userID)")
    }
}
