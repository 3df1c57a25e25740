import AccountsContract
import HTTP
import Lifecycle
import Messaging
import NotificationsApplication
import NotificationsDomain
import SQL
import Shared
import Templates

/// What Notifications needs from the process around it.
package struct NotificationsDependencies: Sendable {
    package let appName: String
    /// `MAIL_FROM`
    package let sender: String
    package let database: any Database
    package let accounts: any AccountsFacade
    package let templates: TemplateCatalog
    package let clock: any WallClock
    package let identifiers: any IdentifierSource
    package let logger: Logger

    package init(
        appName: String, sender: String, database: any Database, accounts: any AccountsFacade,
        templates: TemplateCatalog, clock: any WallClock, identifiers: any IdentifierSource, logger: Logger
    ) {
        self.appName = appName
        self.sender = sender
        self.database = database
        self.accounts = accounts
        self.templates = templates
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
    }
}

/// Notifications, wired: constructors in order.
package struct NotificationsModule: Sendable {
    package let subscriptions: [Subscription]
    package let services: [any Service]
    /// The captured mailbox; for development only.
    package let developmentRoutes: [Route]

    /// - Parameter capturesMail: keeps mails instead of sending them. Without it there is no way out yet, so mails
    ///   stay queued.
    package init(_ dependencies: NotificationsDependencies, capturesMail: Bool) {
        let work = SQLNotificationsWork(database: dependencies.database)
        let queued = Wakeup()
        let queue = QueueNotificationService(
            work: work, rules: Rule.shipped, clock: dependencies.clock, identifiers: dependencies.identifiers)
        subscriptions = AccountsEventConsumer(queue: queue, queued: queued.signal).subscriptions
        let mailbox = SQLCapturedMailbox(database: dependencies.database)
        let retries = RetryPolicy(attemptsMax: Notification.attemptsMax)
        let send = SendNotificationsService(
            work: work, accounts: dependencies.accounts,
            composer: TemplateMailComposer(catalog: dependencies.templates),
            transport: mailbox, clock: dependencies.clock, retryDelay: retries.delay(afterAttempt:),
            appName: dependencies.appName, logger: dependencies.logger)
        services =
            capturesMail
            ? [PollingService("notification sender", wakeup: queued, logger: dependencies.logger) { try await send() }]
            : []
        developmentRoutes =
            capturesMail
            ? MailboxRoutes(mailbox: mailbox, pages: dependencies.templates, sender: dependencies.sender).routes : []
    }
}
