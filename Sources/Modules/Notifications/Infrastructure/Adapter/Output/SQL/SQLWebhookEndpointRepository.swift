import Messaging
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import SQL
import Shared

struct SQLWebhookEndpointRepository: WebhookEndpointRepository {
    let transaction: any SQLTransaction

    func all() throws -> [WebhookEndpoint] {
        try transaction.query("SELECT \(Self.columns) FROM webhook_endpoints ORDER BY id", Self.endpoint)
    }

    func find(_ id: WebhookEndpointID) throws -> WebhookEndpoint? {
        try transaction.first("SELECT \(Self.columns) FROM webhook_endpoints WHERE id = \(id)", Self.endpoint)
    }

    func lock(_ id: WebhookEndpointID) throws -> WebhookEndpoint? {
        try transaction.first(
            "SELECT \(Self.columns) FROM webhook_endpoints WHERE id = \(id)\(forUpdate)", Self.endpoint)
    }

    func insert(_ endpoint: WebhookEndpoint) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO webhook_endpoints (\(Self.columns))
            VALUES (\(endpoint.id), \(endpoint.settings.url), \(endpoint.settings.description),
                \(json: try EventCoding.encode(endpoint.settings.eventTypes)), \(endpoint.settings.isOrdered),
                \(endpoint.ownerID), \(endpoint.secret), \(endpoint.olderSecret?.sealed),
                \(endpoint.olderSecret?.until), \(endpoint.disabled?.rawValue), \(endpoint.failingSince),
                \(endpoint.createdAt), \(endpoint.updatedAt))
            ON CONFLICT (id) DO NOTHING
            """) == 1
    }

    func update(_ endpoint: WebhookEndpoint) throws {
        try transaction.submit(
            """
            UPDATE webhook_endpoints SET url = \(endpoint.settings.url),
                description = \(endpoint.settings.description),
                event_types = \(json: try EventCoding.encode(endpoint.settings.eventTypes)),
                is_ordered = \(endpoint.settings.isOrdered), owner_id = \(endpoint.ownerID),
                secret = \(endpoint.secret), older_secret = \(endpoint.olderSecret?.sealed),
                older_secret_until = \(endpoint.olderSecret?.until), disabled = \(endpoint.disabled?.rawValue),
                failing_since = \(endpoint.failingSince), updated_at = \(endpoint.updatedAt)
            WHERE id = \(endpoint.id)
            """)
    }

    func remove(_ id: WebhookEndpointID) throws {
        try transaction.submit("DELETE FROM webhook_endpoints WHERE id = \(id)")
    }

    func forgetOwner(_ userID: Identifier) throws {
        try transaction.submit("UPDATE webhook_endpoints SET owner_id = NULL WHERE owner_id = \(userID)")
    }

    /// Whether there are secrets that only the master key opens.
    static func holdsSecrets(_ database: any Database) async throws -> Bool {
        try await database.read { transaction in
            try transaction.first("SELECT 1 FROM webhook_endpoints LIMIT 1") { try $0.integer(0) } != nil
        }
    }

    private static let columns: Statement =
        """
        id, url, description, event_types, is_ordered, owner_id, secret, older_secret, older_secret_until, disabled,
        failing_since, created_at, updated_at
        """

    private static func endpoint(_ row: Row) throws -> WebhookEndpoint {
        var next = row.reader
        let id: WebhookEndpointID = try next.id()
        let settings = WebhookSettings(
            url: try next.text(), description: try next.text(),
            eventTypes: try EventCoding.decode([String].self, from: try next.json()), isOrdered: try next.bool())
        let ownerID = try next.optionalIdentifier()
        let secret = try next.bytes()
        let (older, until) = (try next.optionalBytes(), try next.optionalTimestamp())
        let disabled = try next.optionalText()
        return WebhookEndpoint(
            id: id, settings: settings, ownerID: ownerID, secret: secret,
            olderSecret: older.flatMap { sealed in
                until.map { WebhookEndpoint.OlderSecret(sealed: sealed, until: $0) }
            },
            disabled: try disabled.map { text in
                guard let reason = WebhookEndpoint.Disabling(rawValue: text) else {
                    throw InternalFailure("webhook \(id) is disabled for an unknown reason")
                }
                return reason
            },
            failingSince: try next.optionalTimestamp(), createdAt: try next.timestamp(),
            updatedAt: try next.timestamp())
    }
}
