import Authorization
import ChangeFeeds
import Composition
import HTTP
import Jobs
import Messaging
import NotificationsApplication
import Shared

/// Outgoing webhooks, wired.
struct WebhooksWiring: Sendable {
    let subscription: Subscription
    let job: JobHandler
    let routes: @Sendable (any Gate) -> [Route]

    init(_ resources: ModuleResources, _ ruleChanges: ChangeFeed<RulesChanged>) {
        let work: any NotificationsWork = resources.unitOfWork(of: WebhookSubscription.consumer) {
            SQLNotificationsContext(sql: $0, jobs: resources.jobs, ruleChanges: ruleChanges) as any NotificationsContext
        }
        let (clock, identifiers) = (resources.clock, resources.identifiers)
        let envelopes = WebhookEnvelopes(appURL: resources.process.appURL)
        let sender = HTTPWebhookSender(http: resources.http, clock: clock)
        let secrets = MasterKeyWebhookSecrets(masterKey: resources.masterKey, random: resources.random)
        let manage = ManageWebhooksService(
            work: work, sender: sender, secrets: secrets,
            eventTypes: Set(resources.events.filter { $0.type.isPublic }.map { $0.type.type }), clock: clock)
        let test = TestWebhookService(
            work: work, sender: sender, secrets: secrets, envelope: envelopes.test, clock: clock,
            identifiers: identifiers)
        let log = WebhookLogService(work: work, clock: clock)
        subscription =
            WebhookSubscription(
                queue: QueueWebhooksService(work: work, clock: clock, identifiers: identifiers), envelopes: envelopes
            )
            .subscription
        job = DeliverWebhook.handler(
            DeliverWebhookService(
                work: work, sender: sender, secrets: secrets, clock: clock, identifiers: identifiers,
                logger: resources.logger))
        routes = { gate in
            WebhookRoutes(
                webhooks: manage, test: test, gate: gate, idempotency: resources.idempotency, cursors: resources.cursors
            ).routes
                + WebhookDeliveryRoutes(log: log, gate: gate, cursors: resources.cursors, clock: clock).routes
        }
    }
}
