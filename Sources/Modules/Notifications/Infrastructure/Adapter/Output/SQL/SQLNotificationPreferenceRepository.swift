import NotificationsApplication
import NotificationsDomain
import SQL
import Shared

struct SQLNotificationPreferenceRepository: NotificationPreferenceRepository {
    let transaction: any SQLTransaction

    func all(of userID: Identifier) throws -> [NotificationPreference] {
        let rows = try transaction.query(
            """
            SELECT kind, is_enabled, updated_at FROM notification_preferences WHERE user_id = \(userID) ORDER BY kind
            """
        ) { row in (kind: try row.text(0), isEnabled: try row.bool(1), updatedAt: try row.timestamp(2)) }
        // A kind of a newer version is left to that one.
        return rows.compactMap { row in
            NotificationKind(rawValue: row.kind).map {
                NotificationPreference(kind: $0, isEnabled: row.isEnabled, updatedAt: row.updatedAt)
            }
        }
    }

    func put(_ preference: NotificationPreference, of userID: Identifier) throws {
        try transaction.submit(
            """
            INSERT INTO notification_preferences (user_id, kind, is_enabled, updated_at)
            VALUES (\(userID), \(preference.kind.rawValue), \(preference.isEnabled), \(preference.updatedAt))
            ON CONFLICT (user_id, kind) DO UPDATE
                SET is_enabled = excluded.is_enabled, updated_at = excluded.updated_at
            """)
    }

    func removeAll(of userID: Identifier) throws {
        try transaction.submit("DELETE FROM notification_preferences WHERE user_id = \(userID)")
    }
}
