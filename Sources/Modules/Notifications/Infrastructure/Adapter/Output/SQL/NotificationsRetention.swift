import Retention
import SQL
import Shared

/// How long Notifications keeps what it has sent, and whom it does not write to.
struct NotificationsRetention: Sendable {
    /// Sent, dropped and failed ones. An event that is delivered again within that time sends no second mail.
    let notifications: Duration
    /// Afterwards an address that refused mails is tried again. What staff said stays.
    let suppressions: Duration
    /// Deliveries of webhooks that have ended; so long they can be sent again.
    let webhookDeliveries: Duration

    func prunes(in database: any Database) -> [Prune] {
        [
            // By the identifiers, which are in the order of time: an index of its own would be written for each mail.
            Prune("notifications", in: database, retention: notifications) { horizon, limit in
                """
                DELETE FROM notifications WHERE id IN (
                    SELECT id FROM notifications
                    WHERE id < \(Identifier.lowerBound(at: horizon)) AND state <> 'queued'
                    ORDER BY id LIMIT \(limit)\(forUpdateSkipLocked))
                """
            },
            Prune("webhook_deliveries", in: database, retention: webhookDeliveries) { horizon, limit in
                """
                DELETE FROM webhook_deliveries WHERE id IN (
                    SELECT id FROM webhook_deliveries WHERE state <> 'pending' AND created_at < \(horizon)
                    ORDER BY created_at LIMIT \(limit)\(forUpdateSkipLocked))
                """
            },
            Prune("mail_suppressions", in: database, retention: suppressions) { horizon, limit in
                """
                DELETE FROM mail_suppressions WHERE address_key IN (
                    SELECT address_key FROM mail_suppressions WHERE created_at < \(horizon) AND is_manual = \(false)
                    ORDER BY created_at LIMIT \(limit)\(forUpdateSkipLocked))
                """
            },
        ]
    }
}
