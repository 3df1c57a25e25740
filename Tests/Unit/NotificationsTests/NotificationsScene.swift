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

    static let user = SequentialIdentifiers.identifier(5_000)
    static let address = EmailAddress("ana@example.com")!

    func queue(rules: [Rule] = Rule.shipped) -> QueueNotificationService {
        QueueNotificationService(work: work, rules: rules, clock: clock, identifiers: identifiers)
    }

    /// Delays 10 s after the first failure, 20 s after the second and so on.
    ///
    /// - Parameter claimTerm: where other processes send too.
    func send(by transport: any MailTransport, claimTerm: Duration? = nil) -> SendNotificationsService {
        SendNotificationsService(
            work: work, accounts: accounts, composer: MailComposerDouble(), transport: transport, clock: clock,
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
