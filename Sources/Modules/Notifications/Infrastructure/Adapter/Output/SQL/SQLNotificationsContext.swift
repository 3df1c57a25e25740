import NotificationsApplication
import Transactions

/// What a unit of work of Notifications can reach, over SQL.
struct SQLNotificationsContext: NotificationsContext, SQLBackedContext {
    let sql: SQLContext

    var notifications: any NotificationRepository { SQLNotificationRepository(transaction: transaction) }
    var suppressions: any MailSuppressionRepository { SQLMailSuppressionRepository(transaction: transaction) }
}
