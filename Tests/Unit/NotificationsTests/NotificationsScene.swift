import AccountsContract
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import Synchronization
import TestSupport

/// The services of Notifications over doubles, with a clock that the test moves.
struct NotificationsScene: Sendable {
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()
    let work = InMemoryNotificationsWork()
    let accounts = AccountsFacadeDouble()
    let log = RecordingLogSink()

    static let address = EmailAddress("ana@example.com")!

    func queue(rules: [Rule] = Rule.shipped) -> QueueNotificationService {
        QueueNotificationService(work: work, rules: rules, clock: clock, identifiers: identifiers)
    }

    /// Delays 10 s after the first failure, 20 s after the second and so on.
    func send(by transport: any MailTransport) -> SendNotificationsService {
        SendNotificationsService(
            work: work, accounts: accounts, composer: MailComposerDouble(), transport: transport, clock: clock,
            retryDelay: { .seconds(10 * $0) }, appName: "Gapura", logger: log.logger())
    }

    /// Queues the mail of a proof, by an event of its own.
    @discardableResult
    func queueVerification() async throws -> ValidationID {
        let id: ValidationID = identifiers.next()
        accounts.expect(id, createdAt: clock.now)
        try await queue()(
            QueueNotificationCommand(eventID: identifiers.next(), eventType: "user.created", reference: id.value))
        return id
    }
}

/// Knows the proofs that a test told it.
final class AccountsFacadeDouble: AccountsFacade {
    private let mails = Mutex<[ValidationID: VerificationMail]>([:])
    private let failures = Mutex<Int>(0)

    func expect(_ id: ValidationID, createdAt: Timestamp, lifetime: Duration = .seconds(86_400)) {
        let mail = VerificationMail(
            userID: UserID(id.value), recipient: NotificationsScene.address, locale: "de",
            link: "https://gapura.test/verify?token=\(id)", createdAt: createdAt, expiresAt: createdAt + lifetime)
        mails.withLock { $0[id] = mail }
    }

    /// The proof was used: nothing is to be said any more.
    func forget(_ id: ValidationID) { mails.withLock { $0[id] = nil } }

    func failNext(_ count: Int) { failures.withLock { $0 = count } }

    func verificationMail(for id: ValidationID) async throws -> VerificationMail? {
        let fails = failures.withLock { failures in
            failures -= 1
            return failures >= 0
        }
        if fails { throw Unavailable("accounts", reason: "as the test said") }
        return mails.withLock { $0[id] }
    }
}
