import AccountsContract
import AccountsContractDoubles
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import TestSupport
import Testing

@Suite("Which mails a person wants")
struct PreferencesTests {
    private let scene = NotificationsScene()
    private let links = UnsubscribeLinksDouble()
    /// Whom the double of Accounts writes to.
    private let person = AccountsFacadeDouble.recipient.userID

    private var preferences: PreferencesService {
        PreferencesService(work: scene.work, accounts: scene.accounts, links: links, clock: scene.clock)
    }

    private var caller: Principal {
        Principal(
            .session(scene.identifiers.next()), of: person.value, permissions: PermissionSet([]),
            client: ClientInfo(address: NetworkAddress(text: "192.0.2.1")!, userAgent: nil))
    }

    private func welcome(by transport: MailTransportDouble = MailTransportDouble()) async throws -> [Mail] {
        scene.accounts.expectNotice(to: person)
        try await scene.queue()(
            QueueNotificationCommand(
                eventID: scene.identifiers.next(), eventType: "user.verified", reference: person.value,
                userID: person.value, occasion: "\(scene.identifiers.next())"))
        _ = try await scene.send(by: transport)()
        return transport.sent
    }

    @Test("a mail that can be ended says where, in its words and for its reader's program")
    func link() async throws {
        let mail = try #require(try await welcome().first)
        let link = links.link(UnsubscribeSubject(userID: person.value, kind: .gettingStarted))
        #expect(mail.unsubscribeURL == link)
        #expect(mail.text.contains("unsubscribe=\(link)"))
    }

    @Test("what a person switches off is not sent from the next mail on, and sent again once it is on")
    func switching() async throws {
        let off = try await preferences.change([.gettingStarted: false], by: caller)
        let kept = NotificationPreference(kind: .gettingStarted, isEnabled: false, updatedAt: scene.clock.now)
        #expect(off == .changed([kept]))
        #expect(try await welcome().isEmpty)
        #expect(scene.work.notifications.map(\.reason) == [.unsubscribed])
        #expect(scene.work.notifications.map(\.state) == [.dropped])
        #expect(scene.withheld.all == [.unsubscribed])
        _ = try await preferences.change([.gettingStarted: true], by: caller)
        #expect(try await welcome().count == 1)
        #expect(
            scene.work.store.auditTrail.map(\.entry.action)
                == Array(repeating: "notification_preferences.changed", count: 2))
    }

    @Test("security mails cannot be switched off, and nothing else is changed with them")
    func required() async throws {
        let outcome = try await preferences.change([.security: false, .usage: false], by: caller)
        #expect(outcome == .required([.security]))
        #expect(try await preferences.read(of: person.value).isEmpty)
        #expect(try await preferences.change([.security: true], by: caller) == .changed([]))
        #expect(scene.work.store.auditTrail.isEmpty)
    }

    @Test("one click ends what the link names; again it changes nothing, and another token ends nothing")
    func oneClick() async throws {
        scene.accounts.set(
            UserStanding(
                userID: person, address: NotificationsScene.address, isActive: true, isVerified: true,
                isAdministrator: false, block: nil))
        let token = links.token(UnsubscribeSubject(userID: person.value, kind: .usage))
        for _ in 1...2 { #expect(try await preferences.unsubscribe(token) == .done(.usage)) }
        #expect(try await preferences.read(of: person.value).map(\.kind) == [.usage])
        #expect(scene.work.store.auditTrail.count == 1)
        #expect(try await preferences.unsubscribe("nonsense") == .invalid)
        #expect(try await welcome().count == 1)
    }

    @Test("of an account that is gone nothing is written down")
    func gone() async throws {
        let token = links.token(UnsubscribeSubject(userID: person.value, kind: .usage))
        #expect(try await preferences.unsubscribe(token) == .done(.usage))
        #expect(scene.work.store.preferences.isEmpty)
    }
}
