import Messaging
import NotificationsApplication
import SQL
import Shared

/// Units of work over SQL.
struct SQLNotificationsWork: NotificationsWork {
    let database: any Database

    func write<T: Sendable>(_ body: @escaping @Sendable (any NotificationsContext) throws -> T) async throws -> T {
        try await database.write { try body(SQLNotificationsContext(transaction: $0)) }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any NotificationsContext) throws -> T) async throws -> T {
        try await database.read { try body(SQLNotificationsContext(transaction: $0)) }
    }
}

private struct SQLNotificationsContext: NotificationsContext {
    let transaction: any SQLTransaction

    var notifications: any NotificationRepository { SQLNotificationRepository(transaction: transaction) }
    var suppressions: any MailSuppressionRepository { SQLMailSuppressionRepository(transaction: transaction) }

    func accept(eventID: Identifier, at now: Timestamp) throws -> Bool {
        try Inbox.accept(eventID, by: "notifications", at: now, in: transaction)
    }
}
