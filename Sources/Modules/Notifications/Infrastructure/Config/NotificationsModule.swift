import AccountsContract
import Authorization
import Composition
import HTTP
import HTTPClient
import Jobs
import Lifecycle
import Messaging
import NotificationsApplication
import NotificationsDomain
import Retention
import SQL
import Shared
import Templates
import Transactions

/// The way that mails go.
package enum MailRoute: Sendable {
    case smtp
    /// Into the captured mailbox, for development and tests.
    case captured
    /// Nowhere: they stay queued.
    case none
}

/// Notifications, wired: constructors in order.
package struct NotificationsModule: Sendable {
    package let mailRoute: MailRoute
    package let subscriptions: [Subscription]
    package let personalMails: PersonalMailsService
    package let services: [any Service]
    package let prunes: [Prune]
    package let jobs: [JobHandler]
    package let queues: [JobQueue]
    package let routes: @Sendable (any Gate) -> [Route]
    /// The captured mailbox; for development only.
    package let developmentRoutes: [Route]

    /// Writes at once share a commit; more at once would take the machine from the requests that cause them.
    private static let capturedAtOnce = 16

    /// - Parameter capturesMail: without SMTP, keeps mails instead of sending them.
    package init(
        _ settings: NotificationsSettings, _ resources: ModuleResources, accounts: any AccountsFacade,
        capturesMail: Bool
    ) {
        let work = resources.unitOfWork(of: "notifications") {
            SQLNotificationsContext(sql: $0, jobs: resources.jobs) as any NotificationsContext
        }
        let queued = Wakeup()
        let queue = QueueNotificationService(
            work: work, rules: Rule.shipped, clock: resources.clock, identifiers: resources.identifiers)
        let personalMails = PersonalMailsService(work: work, clock: resources.clock)
        self.personalMails = personalMails
        prunes = settings.retention.prunes(in: resources.database)
        let webhooks = WebhooksWiring(resources)
        subscriptions =
            AccountsEventConsumer(queue: queue, personalMails: personalMails, queued: queued.signal).subscriptions
            + AccessEventConsumer(queue: queue, queued: queued.signal).subscriptions
            + [webhooks.subscription]
        jobs = [webhooks.job]
        queues = [DeliverWebhook.settings]
        routes = webhooks.routes
        let mailbox = SQLCapturedMailbox(database: resources.database)
        let retries = RetryPolicy(attemptsMax: Notification.attemptsMax)
        // One process alone serves an SQLite file.
        let claimTerm: Duration? = resources.database.dialect == .sqlite ? nil : .seconds(30)
        func sender(over transport: any MailTransport, messagesMax: Int) -> NotificationSender {
            let send = SendNotificationsService(
                work: work, accounts: accounts,
                composer: TemplateMailComposer(catalog: resources.templates), transport: transport,
                clock: resources.clock, retryDelay: retries.delay(afterAttempt:), claimTerm: claimTerm,
                appName: resources.process.appName, logger: resources.logger)
            return NotificationSender(
                send: send, queued: queued, messagesMax: messagesMax, logger: resources.logger)
        }
        if let smtp = settings.smtp, let address = settings.sender {
            let transport = SMTPTransport(smtp)
            let mails = SMTPMailTransport(transport: transport, sender: address)
            mailRoute = .smtp
            // As many as there are connections: more would only wait for one.
            services = [transport, sender(over: mails, messagesMax: smtp.connectionsMax)]
            developmentRoutes = []
        } else if capturesMail {
            mailRoute = .captured
            services = [sender(over: mailbox, messagesMax: Self.capturedAtOnce)]
            developmentRoutes =
                MailboxRoutes(
                    mailbox: mailbox, pages: resources.templates, sender: settings.senderText,
                    cursors: resources.cursors
                ).routes
        } else {
            mailRoute = .none
            services = []
            developmentRoutes = []
        }
    }
}
