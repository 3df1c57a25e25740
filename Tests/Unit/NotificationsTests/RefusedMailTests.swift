import AccountsContract
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import TestSupport
import Testing

@Suite("Mails that a server refuses")
struct RefusedMailTests {
    private let scene = NotificationsScene()
    private let refusing = MailTransportDouble(answering: .addressRefused(reason: "recipient: 550 5.1.1"))

    private var states: [Notification.State] { scene.work.notifications.map(\.state) }

    @Test("a refused address ends the message at once and is suppressed")
    func refused() async throws {
        try await scene.queueVerification()
        #expect(try await scene.send(by: refusing)() == 1)
        #expect(states == [.failed])
        #expect(scene.work.notifications.first?.attempts == 1)
        let suppression = scene.work.store.suppressions[NotificationsScene.address]
        #expect(suppression?.reason == "recipient: 550 5.1.1")
        #expect(suppression?.createdAt == scene.clock.now)
        #expect(!scene.log.entries.contains { "\($0.fields)".contains("ana@") })
    }

    @Test("a suppressed address gets no mail for a day, then one try")
    func suppressed() async throws {
        try await scene.queueVerification()
        _ = try await scene.send(by: refusing)()
        let transport = MailTransportDouble()
        let send = scene.send(by: transport)
        scene.clock.advance(by: .seconds(24 * 3_600 - 1))
        try await scene.queueVerification()
        #expect(try await send() == 1)
        #expect(states == [.failed, .failed])
        #expect(transport.sent.isEmpty)

        scene.clock.advance(by: .seconds(1))
        try await scene.queueVerification()
        #expect(try await send() == 1)
        #expect(states == [.failed, .failed, .sent])
        #expect(scene.work.store.suppressions.isEmpty)
    }

    @Test("refused again after a day, the day begins anew")
    func refusedAgain() async throws {
        for _ in 1...2 {
            try await scene.queueVerification()
            _ = try await scene.send(by: refusing)()
            #expect(scene.work.store.suppressions[NotificationsScene.address]?.createdAt == scene.clock.now)
            scene.clock.advance(by: .seconds(24 * 3_600))
        }
    }

    @Test("a refused message ends at once and suppresses nobody")
    func mailRefused() async throws {
        try await scene.queueVerification()
        let transport = MailTransportDouble(answering: .mailRefused(reason: "data: 554 5.6.0"))
        _ = try await scene.send(by: transport)()
        #expect(states == [.failed])
        #expect(scene.work.store.suppressions.isEmpty)
        #expect(scene.log.messages.last == "a mail was refused")
    }

    @Test("a message whose sending was cancelled stays as it was")
    func cancelled() async throws {
        try await scene.queueVerification()
        let before = scene.work.notifications
        let transport = MailTransportDouble { _ in throw CancellationError() }
        _ = try await scene.send(by: transport)()
        #expect(scene.work.notifications == before)
        #expect(scene.log.messages.isEmpty)
    }
}
