import NotificationsApplication
import NotificationsDomain
import SQL
import Shared

struct SQLMailSuppressionRepository: MailSuppressionRepository {
    let transaction: any SQLTransaction

    func find(_ address: EmailAddress) throws -> MailSuppression? {
        try transaction.first(
            "SELECT reason, created_at FROM mail_suppressions WHERE address_key = \(address.key)"
        ) { row in
            var next = row.reader
            return MailSuppression(address: address, reason: try next.text(), createdAt: try next.timestamp())
        }
    }

    func put(_ suppression: MailSuppression) throws {
        try transaction.submit(
            """
            INSERT INTO mail_suppressions (address_key, reason, created_at)
            VALUES (\(suppression.address.key), \(suppression.reason), \(suppression.createdAt))
            ON CONFLICT (address_key) DO UPDATE SET reason = excluded.reason, created_at = excluded.created_at
            """)
    }

    func remove(_ address: EmailAddress) throws {
        try transaction.submit("DELETE FROM mail_suppressions WHERE address_key = \(address.key)")
    }
}
