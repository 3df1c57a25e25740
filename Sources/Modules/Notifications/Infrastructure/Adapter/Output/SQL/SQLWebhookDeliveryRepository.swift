import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import SQL
import Shared

struct SQLWebhookDeliveryRepository: WebhookDeliveryRepository {
    let transaction: any SQLTransaction

    func insert(_ delivery: WebhookDelivery) throws {
        try transaction.submit(
            """
            INSERT INTO webhook_deliveries (\(Self.columns))
            VALUES (\(delivery.id), \(delivery.endpointID), \(delivery.event.id), \(delivery.event.type),
                \(delivery.event.subject), \(delivery.event.body), \(delivery.round), \(delivery.state.rawValue),
                \(delivery.attempts),
                \(delivery.nextAttemptAt), \(delivery.lastAttempt?.status), \(delivery.lastAttempt?.error),
                \(delivery.lastAttempt?.answer), \(delivery.lastAttempt?.startedAt), \(delivery.lastAttempt?.endedAt),
                \(delivery.createdAt), \(delivery.endedAt))
            """)
    }

    func find(_ id: WebhookDeliveryID) throws -> WebhookDelivery? {
        try transaction.first("SELECT \(Self.columns) FROM webhook_deliveries WHERE id = \(id)", Self.delivery)
    }

    func update(_ delivery: WebhookDelivery) throws {
        try transaction.submit(
            """
            UPDATE webhook_deliveries SET round = \(delivery.round), state = \(delivery.state.rawValue), attempts = \(delivery.attempts),
                next_attempt_at = \(delivery.nextAttemptAt), status = \(delivery.lastAttempt?.status),
                error = \(delivery.lastAttempt?.error), answer = \(delivery.lastAttempt?.answer),
                attempt_started_at = \(delivery.lastAttempt?.startedAt),
                attempt_ended_at = \(delivery.lastAttempt?.endedAt), ended_at = \(delivery.endedAt)
            WHERE id = \(delivery.id)
            """)
    }

    func list(
        of endpoint: WebhookEndpointID, _ state: WebhookDelivery.State?, _ part: PageRequest<NewestFirst>
    ) throws -> Page<WebhookDelivery, NewestFirst> {
        let isOlder: Statement = part.after.map { "id < \($0.id)" } ?? "1 = 1"
        let hasState = state.map(Self.isIn) ?? "1 = 1"
        let deliveries = try transaction.query(
            """
            SELECT \(Self.columns) FROM webhook_deliveries
            WHERE endpoint_id = \(endpoint) AND \(isOlder) AND \(hasState)
            ORDER BY id DESC LIMIT \(part.limit + 1)
            """, Self.delivery)
        return Page(overfetched: deliveries, limit: part.limit) { NewestFirst($0.id) }
    }

    /// The planner has to see it to use the index of a state.
    private static func isIn(_ state: WebhookDelivery.State) -> Statement {
        switch state {
        case .pending: "state = 'pending'"
        case .delivered: "state = 'delivered'"
        case .failed: "state = 'failed'"
        }
    }

    func pending(of endpoint: WebhookEndpointID, limit: Int) throws -> [WebhookDelivery] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM webhook_deliveries WHERE endpoint_id = \(endpoint) AND state = 'pending'
            ORDER BY id LIMIT \(limit)
            """, Self.delivery)
    }

    func ended(
        of endpoint: WebhookEndpointID, from start: Timestamp, to end: Timestamp, _ states: [WebhookDelivery.State],
        limit: Int
    ) throws -> [WebhookDelivery] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM webhook_deliveries
            WHERE endpoint_id = \(endpoint) AND created_at >= \(start) AND created_at < \(end)
                AND state IN (\(list: states.map(\.rawValue)))
            ORDER BY created_at, id LIMIT \(limit)
            """, Self.delivery)
    }

    func removeEnded(about subject: Identifier) throws {
        try transaction.submit("DELETE FROM webhook_deliveries WHERE subject = \(subject) AND state <> 'pending'")
    }

    private static let columns: Statement =
        """
        id, endpoint_id, event_id, event_type, subject, body, round, state, attempts, next_attempt_at, status, error,
        answer, attempt_started_at, attempt_ended_at, created_at, ended_at
        """

    private static func delivery(_ row: Row) throws -> WebhookDelivery {
        var next = row.reader
        let id: WebhookDeliveryID = try next.id()
        let endpointID: WebhookEndpointID = try next.id()
        let event = WebhookEvent(
            id: try next.identifier(), type: try next.text(), subject: try next.identifier(), body: try next.text())
        let round = try next.integer()
        guard let state = WebhookDelivery.State(rawValue: try next.text()) else {
            throw InternalFailure("webhook delivery \(id) has an unknown state")
        }
        let (attempts, nextAttemptAt) = (try next.integer(), try next.timestamp())
        let (status, error, answer) = (try next.optionalInteger(), try next.optionalText(), try next.optionalText())
        let (startedAt, attemptEndedAt) = (try next.optionalTimestamp(), try next.optionalTimestamp())
        var lastAttempt: WebhookAttempt?
        if let startedAt, let attemptEndedAt {
            lastAttempt = WebhookAttempt(
                status: status, error: error, answer: answer ?? "", startedAt: startedAt, endedAt: attemptEndedAt)
        }
        return WebhookDelivery(
            id: id, endpointID: endpointID, event: event, round: round, state: state, attempts: attempts,
            nextAttemptAt: nextAttemptAt, lastAttempt: lastAttempt, createdAt: try next.timestamp(),
            endedAt: try next.optionalTimestamp())
    }
}
