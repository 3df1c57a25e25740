import ChangeFeeds
import Jobs
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Transactions

/// What a unit of work of Notifications can reach, over SQL.
struct SQLNotificationsContext: NotificationsContext, SQLBackedContext {
    let sql: SQLContext
    let jobs: Jobs
    let ruleChanges: ChangeFeed<RulesChanged>

    var notifications: any NotificationRepository { SQLNotificationRepository(transaction: transaction) }
    var suppressions: any MailSuppressionRepository { SQLMailSuppressionRepository(transaction: transaction) }
    var rules: any NotificationRuleRepository { SQLNotificationRuleRepository(sql: sql, feed: ruleChanges) }
    var preferences: any NotificationPreferenceRepository {
        SQLNotificationPreferenceRepository(transaction: transaction)
    }
    var webhookEndpoints: any WebhookEndpointRepository { SQLWebhookEndpointRepository(transaction: transaction) }
    var webhookDeliveries: any WebhookDeliveryRepository { SQLWebhookDeliveryRepository(transaction: transaction) }
    var webhookQueue: any WebhookQueue { JobWebhookQueue(jobs: jobs, sql: sql) }
}

/// An attempt is a job.
private struct JobWebhookQueue: WebhookQueue {
    let jobs: Jobs
    let sql: SQLContext

    func start(_ delivery: WebhookDelivery) throws {
        try jobs.enqueue(
            DeliverWebhook(delivery: delivery.id.value, round: delivery.round), unique: .untilFinished(),
            runAt: delivery.nextAttemptAt, in: sql)
    }
}
