import AccountsContract
import AccountsContractDoubles
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import TestSupport
import Testing

/// The services of Notifications over doubles, with a clock that the test moves.
struct NotificationsScene: Sendable {
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()
    let work = InMemoryNotificationsWork()
    let accounts = AccountsFacadeDouble()
    let log = RecordingLogSink()
    let withheld = Recorder<Notification.Reason>()

    static let user = SequentialIdentifiers.identifier(5_000)
    static let address = EmailAddress("ana@example.com")!

    func queue() -> QueueNotificationService {
        QueueNotificationService(
            work: work, rules: NotificationRulesDouble(work), clock: clock, identifiers: identifiers)
    }

    /// Delays 10 s after the first failure, 20 s after the second and so on.
    ///
    /// - Parameters:
    ///   - claimTerm: where other processes send too.
    ///   - limits: more than a test sends, unless it says so.
    func send(
        by transport: any MailTransport, claimTerm: Duration? = nil,
        limits: MailLimits = MailLimits(
            security: MailLimits.Limit(perAddress: 100, perTemplate: 100),
            others: MailLimits.Limit(perAddress: 100, perTemplate: 100))
    ) -> SendNotificationsService {
        SendNotificationsService(
            work: work, accounts: accounts, composer: MailComposerDouble(), transport: transport,
            digester: AddressDigesterDouble(), unsubscribing: UnsubscribeLinksDouble(), limits: limits,
            withheld: { [withheld] in withheld.add($0) }, clock: clock,
            retryDelay: { .seconds(10 * $0) }, claimTerm: claimTerm, appName: "Gapura", logger: log.logger())
    }

    /// Queues the mail of a proof, by an event of its own.
    @discardableResult
    func queueVerification() async throws -> ValidationID {
        let id: ValidationID = identifiers.next()
        accounts.expect(id, createdAt: clock.now)
        try await queue()(
            QueueNotificationCommand(
                eventID: identifiers.next(), eventType: "user.created", reference: id.value, userID: Self.user))
        return id
    }
}

extension SendNotificationsService {
    /// Works off what is due, each message once; returns how many there were.
    func callAsFunction() async throws -> Int {
        let due = try await due(retriedMax: 100, newMax: 100)
        for notification in due {
            if let attempt = await attempt(notification) { try await note(attempt) }
        }
        return due.count
    }
}
