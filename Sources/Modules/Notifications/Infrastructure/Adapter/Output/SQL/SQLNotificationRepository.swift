import Messaging
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
                (\(Self.columns))
            VALUES (\(notification.id), \(notification.dedupeKey), \(notification.template.rawValue),
                \(notification.reference), \(notification.userID), \(notification.state.rawValue), \(notification.attempts),
                \(notification.nextAttemptAt), \(notification.createdAt), \(notification.sentAt),
                \(json: try notification.details.isEmpty ? nil : EventCoding.encode(notification.details)), \(notification.reason?.rawValue),
                \(notification.provider), \(notification.addressDigest?.bytes))
            ON CONFLICT (dedupe_key) DO NOTHING
            """)
    }

    func update(_ notification: Notification) throws {
        try transaction.submit(
            """
            UPDATE notifications SET state = \(notification.state.rawValue), attempts = \(notification.attempts),
                next_attempt_at = \(notification.nextAttemptAt), sent_at = \(notification.sentAt),
                reason = \(notification.reason?.rawValue), provider = \(notification.provider),
                address_digest = \(notification.addressDigest?.bytes), claimed_until = NULL
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
        let isDue: Statement =
            """
            state = 'queued' AND (attempts > 0) = \(retried) AND next_attempt_at <= \(now)
                AND (claimed_until IS NULL OR claimed_until <= \(now))
            """
        let order: Statement = "ORDER BY next_attempt_at LIMIT \(limit)"
        let found = try transaction.query(
            "SELECT \(Self.columns) FROM notifications WHERE \(isDue) \(order)", Self.notificationIfKnown)
        let known = found.compactMap(\.self)
        guard known.count < found.count else { return known }
        // Others stand among them, which is rare: only then is each row compared with the whole list of templates.
        return try transaction.query(
            "SELECT \(Self.columns) FROM notifications WHERE \(isDue) AND \(Self.isKnown) \(order)",
            Self.notification)
    }

    func sent(
        to address: AddressDigest, of template: NotificationTemplate, since moment: Timestamp
    ) throws -> SentCount {
        try transaction.first(
            """
            SELECT count(*), count(CASE WHEN template = \(template.rawValue) THEN 1 END) FROM notifications
            WHERE address_digest = \(address.bytes) AND sent_at >= \(moment)
            """
        ) { SentCount(all: try $0.integer(0), ofTemplate: try $0.integer(1)) } ?? SentCount(all: 0, ofTemplate: 0)
    }

    func list(
        _ filter: NotificationFilter, _ part: PageRequest<NewestFirst>
    ) throws -> Page<Notification, NewestFirst> {
        let isOlder: Statement = part.after.map { "id < \($0.id)" } ?? "1 = 1"
        let hasState: Statement = filter.state.map { "state = \($0.rawValue)" } ?? "1 = 1"
        let hasTemplate: Statement = filter.template.map { "template = \($0.rawValue)" } ?? "1 = 1"
        let isOf: Statement = filter.userID.map { "user_id = \($0)" } ?? "1 = 1"
        let notifications = try transaction.query(
            """
            SELECT \(Self.columns) FROM notifications
            WHERE \(isOlder) AND \(hasState) AND \(hasTemplate) AND \(isOf) AND \(Self.isKnown)
            ORDER BY id DESC LIMIT \(part.limit + 1)
            """, Self.notification)
        return Page(overfetched: notifications, limit: part.limit) { NewestFirst($0.id) }
    }

    func all(of userID: Identifier) throws -> [Notification] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM notifications WHERE user_id = \(userID) AND \(Self.isKnown)
            ORDER BY id DESC
            """, Self.notification)
    }

    func removeAll(of userID: Identifier) throws {
        try transaction.submit("DELETE FROM notifications WHERE user_id = \(userID)")
    }

    private static let columns: Statement =
        """
        id, dedupe_key, template, reference, user_id, state, attempts, next_attempt_at, created_at, sent_at, details,
        reason, provider, address_digest
        """

    /// Beside a newer version of the program there may be templates that this one has not; they are that one's to send.
    private static let isKnown: Statement =
        "template IN (\(list: NotificationTemplate.allCases.map(\.rawValue)))"

    private static func notification(_ row: Row) throws -> Notification {
        guard let notification = try notificationIfKnown(row) else {
            throw InternalFailure("a notification has an unknown template")
        }
        return notification
    }

    /// Nil if this version has not its template.
    private static func notificationIfKnown(_ row: Row) throws -> Notification? {
        var next = row.reader
        let id: NotificationID = try next.id()
        let dedupeKey = try next.text()
        guard let template = NotificationTemplate(rawValue: try next.text()) else { return nil }
        let reference = try next.identifier()
        let userID = try next.optionalIdentifier()
        guard let state = Notification.State(rawValue: try next.text()) else {
            throw InternalFailure("notification \(id) has an unknown state")
        }
        return Notification(
            id: id, dedupeKey: dedupeKey, template: template, reference: reference, userID: userID, state: state,
            attempts: try next.integer(),
            nextAttemptAt: try next.timestamp(), createdAt: try next.timestamp(),
            sentAt: try next.optionalTimestamp(),
            details: try next.optionalJSON().map { try EventCoding.decode([String: String].self, from: $0) } ?? [:],
            // A reason of a newer version is none that this one could name.
            reason: try next.optionalText().flatMap { Notification.Reason(rawValue: $0) },
            provider: try next.optionalText(),
            addressDigest: try next.optionalBytes().map { AddressDigest($0) })
    }
}
