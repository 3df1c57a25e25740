import AccountsContract
import Audit
import HTTP
import HTTPClient
import Lifecycle
import Messaging
import NotificationsApplication
import NotificationsDomain
import SQL
import Shared
import Templates
import Transactions

/// What Notifications needs from the process around it.
package struct NotificationsDependencies: Sendable {
    package let appName: String
    package let database: any Database
    package let outbox: Outbox
    package let auditLog: AuditLog
    /// Signalled after commits that published something.
    package let published: Wakeup
    package let accounts: any AccountsFacade
    package let templates: TemplateCatalog
    package let clock: any WallClock
    package let identifiers: any IdentifierSource
    package let logger: Logger

    package init(
        appName: String, database: any Database, outbox: Outbox, auditLog: AuditLog, published: Wakeup,
        accounts: any AccountsFacade, templates: TemplateCatalog, clock: any WallClock,
        identifiers: any IdentifierSource, logger: Logger
    ) {
        self.appName = appName
        self.database = database
        self.outbox = outbox
        self.auditLog = auditLog
        self.published = published
        self.accounts = accounts
        self.templates = templates
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
    }
}

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
    package let services: [any Service]
    /// The captured mailbox; for development only.
    package let developmentRoutes: [Route]

    /// Writes at once share a commit; more at once would take the machine from the requests that cause them.
    private static let capturedAtOnce = 16

    /// - Parameter capturesMail: without SMTP, keeps mails instead of sending them.
    package init(_ settings: NotificationsSettings, _ dependencies: NotificationsDependencies, capturesMail: Bool) {
        let work = SQLUnitOfWork(
            "notifications", database: dependencies.database, outbox: dependencies.outbox,
            auditLog: dependencies.auditLog, published: dependencies.published
        ) { SQLNotificationsContext(sql: $0) as any NotificationsContext }
        let queued = Wakeup()
        let queue = QueueNotificationService(
            work: work, rules: Rule.shipped, clock: dependencies.clock, identifiers: dependencies.identifiers)
        subscriptions = AccountsEventConsumer(queue: queue, queued: queued.signal).subscriptions
        let mailbox = SQLCapturedMailbox(database: dependencies.database)
        let retries = RetryPolicy(attemptsMax: Notification.attemptsMax)
        // One process alone serves an SQLite file.
        let claimTerm: Duration? = dependencies.database.dialect == .sqlite ? nil : .seconds(30)
        func sender(over transport: any MailTransport, messagesMax: Int) -> NotificationSender {
            let send = SendNotificationsService(
                work: work, accounts: dependencies.accounts,
                composer: TemplateMailComposer(catalog: dependencies.templates), transport: transport,
                clock: dependencies.clock, retryDelay: retries.delay(afterAttempt:), claimTerm: claimTerm,
                appName: dependencies.appName, logger: dependencies.logger)
            return NotificationSender(
                send: send, queued: queued, messagesMax: messagesMax, logger: dependencies.logger)
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
                MailboxRoutes(mailbox: mailbox, pages: dependencies.templates, sender: settings.senderText).routes
        } else {
            mailRoute = .none
            services = []
            developmentRoutes = []
        }
    }
}
