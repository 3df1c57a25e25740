import AccountsContract
import AccountsContractDoubles
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import TestSupport
import Testing

@Suite("How many mails an address gets")
struct MailLimitsTests {
    private let scene = NotificationsScene()
    private let transport = MailTransportDouble()
    private let limits = MailLimits(
        security: MailLimits.Limit(perAddress: 4, perTemplate: 2),
        others: MailLimits.Limit(perAddress: 3, perTemplate: 1))

    private var reasons: [Notification.Reason?] { scene.work.notifications.map(\.reason) }

    private func send() async throws { _ = try await scene.send(by: transport, limits: limits)() }

    /// About the same account, by an event of its own.
    private func queue(_ eventType: String) async throws {
        let user = UserID(NotificationsScene.user)
        scene.accounts.expectNotice(to: user)
        try await scene.queue()(
            QueueNotificationCommand(
                eventID: scene.identifiers.next(), eventType: eventType, reference: user.value,
                userID: NotificationsScene.user, occasion: "\(scene.identifiers.next())"))
    }

    @Test("what is over the limit of its template is noted, counted and not sent; other templates still go")
    func perTemplate() async throws {
        for _ in 1...3 {
            try await queue("password.changed")
            try await send()
        }
        try await queue("account.locked")
        try await send()
        #expect(reasons == [nil, nil, .limited, nil])
        #expect(scene.work.notifications.map(\.state) == [.sent, .sent, .dropped, .sent])
        #expect(scene.withheld.all == [.limited])
        #expect(transport.sent.count == 3)
        #expect(!scene.log.entries.contains { "\($0.fields)".contains("ana@") })
    }

    @Test("all templates together have a limit; that of security mails is the higher one")
    func perAddress() async throws {
        for event in ["password.changed", "account.locked", "session.ended_by_guessing"] {
            try await queue(event)
            try await send()
        }
        try await queue("user.verified")
        try await send()
        try await queue("api_key.created")
        try await send()
        try await queue("api_key.services_needed")
        try await send()
        #expect(reasons == [nil, nil, nil, .limited, nil, .limited])
    }

    @Test("an hour later there is room again, and what was limited stays unsent")
    func window() async throws {
        for _ in 1...3 {
            try await queue("password.changed")
            try await send()
        }
        scene.clock.advance(by: .seconds(3_601))
        try await send()
        #expect(transport.sent.count == 2)
        try await queue("password.changed")
        try await send()
        #expect(transport.sent.count == 3)
    }

    @Test("what was refused or could not be sent does not count")
    func onlySent() async throws {
        for _ in 1...3 { try await queue("password.changed") }
        let refusing = MailTransportDouble(answering: .mailRefused(reason: "data: 554"))
        _ = try await scene.send(by: refusing, limits: limits)()
        try await queue("password.changed")
        try await send()
        #expect(transport.sent.count == 1)
        #expect(reasons == [.mailRefused, .mailRefused, .mailRefused, nil])
    }
}
