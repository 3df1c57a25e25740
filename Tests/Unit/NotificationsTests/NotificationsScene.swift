import AccountsContract
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import Synchronization
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

/// Knows what a test told it to say.
final class AccountsFacadeDouble: AccountsFacade {
    private struct Said {
        var links: [ValidationID: LinkMail] = [:]
        var codes: [LoginCodeID: LoginCodeMail] = [:]
        var changes: [ValidationID: NoticeMail] = [:]
        var notices: [UserID: NoticeMail] = [:]
        var failures = 0
    }

    private let said = Mutex(Said())

    static let recipient = MailRecipient(
        userID: UserID(SequentialIdentifiers.identifier(7_000)), address: NotificationsScene.address, locale: "de")

    func expect(_ id: ValidationID, createdAt: Timestamp, lifetime: Duration = .seconds(86_400)) {
        let mail = LinkMail(
            recipient: Self.recipient, link: "https://gapura.test/verify?token=\(id)", createdAt: createdAt,
            expiresAt: createdAt + lifetime)
        said.withLock { $0.links[id] = mail }
    }

    func expect(_ id: LoginCodeID, code: String, createdAt: Timestamp) {
        let mail = LoginCodeMail(
            recipient: Self.recipient, code: code, link: "https://gapura.test/login/link?token=\(id)",
            createdAt: createdAt, expiresAt: createdAt + .seconds(600))
        said.withLock { $0.codes[id] = mail }
    }

    func expectNotice(ofChange id: ValidationID) {
        said.withLock { $0.changes[id] = NoticeMail(recipient: Self.recipient) }
    }

    func expectNotice(to id: UserID) {
        said.withLock { $0.notices[id] = NoticeMail(recipient: Self.recipient) }
    }

    /// The proof was used: nothing is to be said any more.
    func forget(_ id: ValidationID) { said.withLock { $0.links[id] = nil } }

    func failNext(_ count: Int) { said.withLock { $0.failures = count } }

    func linkMail(for id: ValidationID) async throws -> LinkMail? { try answer { $0.links[id] } }
    func loginCodeMail(for id: LoginCodeID) async throws -> LoginCodeMail? { try answer { $0.codes[id] } }
    func emailChangeNotice(for id: ValidationID) async throws -> NoticeMail? { try answer { $0.changes[id] } }
    func notice(to id: UserID) async throws -> NoticeMail? { try answer { $0.notices[id] } }

    /// Notifications asks for mails only.
    func owner(accessToken _: String) async throws -> TokenOwner? {
        Issue.record("who calls was not planned to be asked")
        return nil
    }

    func recallOwner(accessToken _: String, at _: Timestamp) -> Recollection<TokenOwner> {
        Issue.record("who calls was not planned to be asked")
        return .unknown
    }

    func standing(of _: UserID) async throws -> UserStanding? {
        Issue.record("how somebody stands was not planned to be asked")
        return nil
    }

    func onUserChanged(_: @escaping @Sendable (UserID) -> Void) {
        Issue.record("changes were not planned to be heard of")
    }

    private func answer<Mail: Sendable>(_ find: (borrowing Said) -> Mail?) throws -> Mail? {
        try said.withLock { said in
            guard said.failures == 0 else {
                said.failures -= 1
                throw Unavailable("accounts", reason: "as the test said")
            }
            return find(said)
        }
    }
}
