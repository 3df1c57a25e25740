import Jobs
import NotificationsApplication
import NotificationsContract
import Shared

/// Brings one event to one endpoint: one run for each attempt.
struct DeliverWebhook: Job {
    static let kind = "notifications.deliver_webhook"
    static let queue = "webhooks"
    /// An attempt has 10 s; the rest is writing.
    static let timeout: Duration = .seconds(60)

    let delivery: Identifier
    let round: Int

    /// Receivers are slow, and wait for nobody here.
    static let settings = JobQueue(queue, concurrency: 32)

    static func handler(_ deliver: DeliverWebhookService) -> JobHandler {
        .deciding(DeliverWebhook.self) { job, _ in
            switch try await deliver(WebhookDeliveryID(job.delivery), round: job.round) {
            case .ended: .done
            case .again(let moment): .postponed(until: moment)
            }
        }
    }
}
