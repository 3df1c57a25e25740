import AccountsContract
import Authorization
import ChangeFeeds
import Composition
import HTTP
import Jobs
import Lifecycle
import Messaging
import NotificationsApplication
import NotificationsDomain
import Retention
import SQL
import Shared
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
    package let suppressions: ManageSuppressionsService
    let rules: ManageRulesService
    let ruleChanges: ChangeFeed<RulesChanged>
    package let services: [any Service]
    package let prunes: [Prune]
    package let jobs: [JobHandler]
    package let queues: [JobQueue]
    package let routes: @Sendable (any Gate) -> [Route]
    /// The captured mailbox; for development only.
    package let developmentRoutes: [Route]
    let preview: TemplatePreview
    /// How the mail servers did last; nil without any.
    package let mailHealth: (@Sendable () -> String)?

    /// Between two reads of what other processes switched.
    private static let rulesInterval: Duration = .milliseconds(500)

    /// - Parameter capturesMail: without SMTP, keeps mails instead of sending them.
    package init(
        _ settings: NotificationsSettings, _ resources: ModuleResources, accounts: any AccountsFacade,
        capturesMail: Bool
    ) {
        let clock = resources.clock
        let ruleChanges = ChangeFeed(
            "notification rules", database: resources.database, source: SQLRuleChanges(),
            interval: Self.rulesInterval, clock: clock, signals: resources.signals, logger: resources.logger)
        self.ruleChanges = ruleChanges
        let work = resources.unitOfWork(of: "notifications") {
            SQLNotificationsContext(sql: $0, jobs: resources.jobs, ruleChanges: ruleChanges)
                as any NotificationsContext
        }
        let known = CachedNotificationRules(work: work)
        ruleChanges.onChange { _ in known.forget() }
        let queued = Wakeup()
        let queue = QueueNotificationService(
            work: work, rules: known, clock: clock, identifiers: resources.identifiers)
        let personalMails = PersonalMailsService(work: work, accounts: accounts, clock: clock)
        self.personalMails = personalMails
        let digester = HMACAddressDigester(resources.masterKey)
        let suppressions = ManageSuppressionsService(
            work: work, accounts: accounts, digester: digester, clock: clock)
        self.suppressions = suppressions
        let unsubscribing = SealedUnsubscribeLinks(appURL: resources.process.appURL, resources.masterKey)
        let webhooks = WebhooksWiring(resources, ruleChanges)
        subscriptions =
            AccountsEventConsumer(queue: queue, personalMails: personalMails, queued: queued.signal).subscriptions
            + AccessEventConsumer(queue: queue, queued: queued.signal).subscriptions
            + [webhooks.subscription]
        jobs = [webhooks.job]
        queues = [DeliverWebhook.settings]
        prunes = settings.retention.prunes(in: resources.database) + ruleChanges.prunes
        let composer = TemplateMailComposer(catalog: resources.templates)
        preview = TemplatePreview(
            composer: composer, appName: resources.process.appName, appURL: resources.process.appURL)
        let preferences = PreferencesService(work: work, accounts: accounts, links: unsubscribing, clock: clock)
        let rules = ManageRulesService(work: work, clock: clock)
        self.rules = rules
        routes = { gate in
            NotificationRoutes(
                log: NotificationLogService(work: work), rules: rules, gate: gate, cursors: resources.cursors
            ).routes
                + SuppressionRoutes(
                    suppressions: suppressions, gate: gate, idempotency: resources.idempotency,
                    cursors: resources.cursors
                ).routes
                + PreferenceRoutes(preferences: preferences, frame: resources.pages, gate: gate).routes
                + webhooks.routes(gate)
        }
        let mailbox = SQLCapturedMailbox(database: resources.database)
        let mails = MailWiring(settings, resources, mailbox: mailbox, capturesMail: capturesMail)
        mailRoute = mails.route
        mailHealth = mails.health
        developmentRoutes =
            mails.route == .captured
            ? MailboxRoutes(
                mailbox: mailbox, frame: resources.pages, sender: settings.senderText, cursors: resources.cursors
            ).routes : []
        let sender = mails.transport.map { transport in
            NotificationSender(
                send: SendNotificationsService(
                    work: work, accounts: accounts, composer: composer, transport: transport, digester: digester,
                    unsubscribing: unsubscribing, limits: settings.limits,
                    withheld: MailWiring.withheld(in: resources.metrics), clock: clock,
                    retryDelay: RetryPolicy(attemptsMax: Notification.attemptsMax).delay(afterAttempt:),
                    // One process alone serves an SQLite file.
                    claimTerm: resources.database.dialect == .sqlite ? nil : .seconds(30),
                    appName: resources.process.appName, logger: resources.logger),
                queued: queued, messagesMax: mails.messagesMax, logger: resources.logger)
        }
        services = ruleChanges.services + mails.services + (sender.map { [$0] } ?? [])
    }
}
