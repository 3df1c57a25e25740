import AccountsContract
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import TestSupport
import Testing

@Suite("Queueing a notification")
struct QueueNotificationTests {
    private let scene = NotificationsScene()

    @Test("an event with a rule queues what the rule says, due at once")
    func queues() async throws {
        let id = try await scene.queueVerification()
        let notification = try #require(scene.work.notifications.first)
        #expect(scene.work.notifications.count == 1)
        #expect(notification.template == .verifyEmail)
        #expect(notification.reference == id.value)
        #expect(notification.state == .queued)
        #expect(notification.nextAttemptAt == scene.clock.now)
    }

    @Test("an event without a rule is left alone, and is not even noted")
    func noRule() async throws {
        try await scene.queue()(command(eventType: "user.deleted"))
        #expect(scene.work.store.notifications.isEmpty)
        #expect(scene.work.store.acceptedEvents.isEmpty)
    }

    @Test("a redelivered event queues once")
    func redelivered() async throws {
        let command = command()
        for _ in 1...3 { try await scene.queue()(command) }
        #expect(scene.work.notifications.count == 1)
    }

    @Test("an event that comes again when its notification is long forgotten queues nothing")
    func redeliveredLate() async throws {
        let command = command()
        try await scene.queue()(command)
        scene.work.arrange { $0.notifications = [:] }
        try await scene.queue()(command)
        #expect(scene.work.notifications.isEmpty)
    }

    @Test("two events about the same proof queue one mail")
    func sameReference() async throws {
        let reference = scene.identifiers.next()
        for _ in 1...2 { try await scene.queue()(command(reference: reference)) }
        #expect(scene.work.notifications.count == 1)
        #expect(scene.work.store.acceptedEvents.count == 2)
    }

    @Test("an event that could not be noted is taken when it comes again")
    func storeFails() async throws {
        let command = command()
        scene.work.beforeNextWrite { throw Unavailable("database", reason: "full") }
        await #expect(throws: Unavailable.self) { try await scene.queue()(command) }
        try await scene.queue()(command)
        #expect(scene.work.notifications.count == 1)
    }

    @Test("two occasions about the same queue two mails, one occasion queues one")
    func occasions() async throws {
        let reference = scene.identifiers.next()
        for occasion in ["day 1", "day 1", "day 2"] {
            try await scene.queue()(
                command(eventType: "account.locked", reference: reference, occasion: occasion))
        }
        let notifications = scene.work.notifications
        #expect(notifications.map(\.dedupeKey) == ["account_locked:day 1", "account_locked:day 2"])
        #expect(notifications.allSatisfy { $0.reference == reference })
    }

    @Test("a change of address is told to the new address and to the old one")
    func twoRules() async throws {
        try await scene.queue()(command(eventType: "user.email_change_requested"))
        #expect(Set(scene.work.notifications.map(\.template)) == [.emailChange, .emailChangeNotice])
    }

    @Test("a finished change of address is told to the old one")
    func changedAddress() async throws {
        try await scene.queue()(command(eventType: "user.email_changed"))
        #expect(scene.work.notifications.map(\.template) == [.emailChanged])
    }

    @Test("a rule that is switched off queues nothing; the other rules of its event do, and security mails always")
    func switchedOff() async throws {
        scene.work.arrange { $0.rules = [Rule(on: "user.verified", send: .welcome): false] }
        try await scene.queue()(command(eventType: "user.verified"))
        #expect(scene.work.notifications.isEmpty)
        #expect(scene.work.store.acceptedEvents.isEmpty)
        scene.work.arrange { $0.rules = [Rule(on: "user.created", send: .verifyEmail): false] }
        try await scene.queue()(command(eventType: "user.created"))
        try await scene.queue()(command(eventType: "user.verified"))
        #expect(scene.work.notifications.map(\.template) == [.verifyEmail, .welcome])
    }

    @Test("every template has a rule that sends it, but for what no event tells, and no event sends one template twice")
    func shippedRules() {
        #expect(Set(Rule.shipped.map(\.template)).union([.webhookDisabled]) == Set(NotificationTemplate.allCases))
        #expect(Set(Rule.shipped.map { "\($0.eventType) \($0.template)" }).count == Rule.shipped.count)
    }

    private func command(
        eventType: String = "user.created", reference: Identifier? = nil, occasion: String? = nil
    ) -> QueueNotificationCommand {
        QueueNotificationCommand(
            eventID: scene.identifiers.next(), eventType: eventType, reference: reference ?? scene.identifiers.next(),
            userID: NotificationsScene.user, occasion: occasion)
    }
}
