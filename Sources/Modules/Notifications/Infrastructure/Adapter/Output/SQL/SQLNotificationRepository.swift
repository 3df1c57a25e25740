import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import SQL
import Shared

struct SQLNotificationRepository: NotificationRepository {
    let transaction: any SQLTransaction

    func insert(_ notification: Notification) throws {
        try transaction.submit(
            """
            INSERT INTO notifications
                (id, dedupe_key, template, reference, user_id, state, attempts, next_attempt_at, created_at, sent_at)
            VALUES (\(notification.id), \(notification.dedupeKey), \(notification.template.rawValue),
                \(notification.reference), \(notification.userID), \(notification.state.rawValue), \(notification.attempts),
                \(notification.nextAttemptAt), \(notification.createdAt), \(notification.sentAt))
            ON CONFLICT (dedupe_key) DO NOTHING
            """)
    }

    func update(_ notification: Notification) throws {
        try transaction.submit(
            """
            UPDATE notifications SET state = \(notification.state.rawValue), attempts = \(notification.attempts),
                next_attempt_at = \(notification.nextAttemptAt), sent_at = \(notification.sentAt), claimed_until = NULL
            WHERE id = \(notification.id)
            """)
    }

    func claim(_ id: NotificationID, at now: Timestamp, until end: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE notifications SET claimed_until = \(end)
            WHERE id = \(id) AND state = 'queued' AND next_attempt_at <= \(now)
                AND (claimed_until IS NULL OR claimed_until <= \(now))
            """) == 1
    }

    func extendClaim(_ id: NotificationID, until end: Timestamp) throws {
        try transaction.submit(
            "UPDATE notifications SET claimed_until = \(end) WHERE id = \(id) AND claimed_until IS NOT NULL")
    }

    func due(at now: Timestamp, retried: Bool, limit: Int) throws -> [Notification] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM notifications
            WHERE state = 'queued' AND (attempts > 0) = \(retried) AND next_attempt_at <= \(now)
                AND (claimed_until IS NULL OR claimed_until <= \(now))
            ORDER BY next_attempt_at LIMIT \(limit)
            """, Self.notification)
    }

    func all(of userID: Identifier) throws -> [Notification] {
        try transaction.query(
            "SELECT \(Self.columns) FROM notifications WHERE user_id = \(userID) ORDER BY id DESC", Self.notification)
    }

    func removeAll(of userID: Identifier) throws {
        try transaction.submit("DELETE FROM notifications WHERE user_id = \(userID)")
    }

    private static let columns: Statement =
        "id, dedupe_key, template, reference, user_id, state, attempts, next_attempt_at, created_at, sent_at"

    private static func notification(_ row: Row) throws -> Notification {
        var next = row.reader
        let id: NotificationID = try next.id()
        let dedupeKey = try next.text()
        guard let template = NotificationTemplate(rawValue: try next.text()) else {
            throw InternalFailure("notification \(id) has an unknown template")
        }
        let reference = try next.identifier()
        let userID = try next.optionalIdentifier()
        guard let state = Notification.State(rawValue: try next.text()) else {
            throw InternalFailure("notification \(id) has an unknown state")
        }
        return Notification(
            id: id, dedupeKey: dedupeKey, template: template, reference: reference, userID: userID, state: state,
            attempts: try next.integer(),
            nextAttemptAt: try next.timestamp(), createdAt: try next.timestamp(),
            sentAt: try next.optionalTimestamp())
    }
}
