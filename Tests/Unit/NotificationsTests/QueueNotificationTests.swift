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

    @Test("the shipped rules send a mail for a new account and for a proof that was asked for")
    func shippedRules() {
        #expect(Rule.shipped.map(\.eventType) == ["user.created", "user.verification_requested"])
        #expect(Rule.shipped.allSatisfy { $0.template == .verifyEmail })
    }

    private func command(eventType: String = "user.created", reference: Identifier? = nil) -> QueueNotificationCommand {
        QueueNotificationCommand(
            eventID: scene.identifiers.next(), eventType: eventType, reference: reference ?? scene.identifiers.next())
    }
}
