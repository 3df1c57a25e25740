import AccountsContract
import HTTP
import JSON
import Lifecycle
import Messaging
import NotificationsContract
import NotificationsDomain
import SQL
import SQLite
import Shared
import TestSupport
import Testing

@testable import NotificationsInfrastructure

@Suite("Notifications, wired")
struct NotificationsModuleTests {
    @Test("an event from the outbox becomes one captured mail, however often it is delivered")
    func fromEventToMail() async throws {
        try await withNotificationsHouse { house async throws in
            let validation = ValidationID(house.identifiers.next())
            let module = self.module(house, knowing: validation)
            let outbox = Outbox(identifiers: house.identifiers, clock: house.clock)
            try await house.database.write {
                let user = UserID(SequentialIdentifiers.identifier(5_000))
                try outbox.append(UserCreated(userID: user, validationID: validation), in: $0)
                try outbox.append(UserCreated(userID: user, validationID: nil), in: $0)
            }
            let bus = RedeliveringBus(bus: InProcessEventBus(module.subscriptions))
            let relay = OutboxRelay(
                database: house.database, bus: bus, wakeup: Wakeup(), clock: house.clock, logger: .silent)
            while try await relay.relayOnce() > 0 {}

            let stop = Latch()
            async let group: Void = ServiceGroup(module.services, grace: .seconds(60), logger: .silent)
                .run(until: stop)
            while try await house.count("captured_mails") == 0 { await Task.yield() }
            stop.open()
            try await group
            let mails = try await house.mailbox.list(PageRequest()).items
            #expect(mails.map(\.links) == [["https://gapura.test/verify?token=t"]])
            #expect(try await house.count("notifications") == 1)
        }
    }

    @Test("the words and the link of a mail are not in the table of notifications")
    func keepsNoSecret() async throws {
        try await withNotificationsHouse { house async throws in
            let validation = ValidationID(house.identifiers.next())
            let module = self.module(house, knowing: validation)
            for subscription in module.subscriptions where subscription.type == UserCreated.type {
                try await subscription.handle(
                    EventEnvelope(
                        id: house.identifiers.next(), source: UserCreated.source, type: UserCreated.type,
                        subject: validation.value, time: house.clock.now, traceparent: nil,
                        data: #"{"user_id":"\#(validation)","validation_id":"\#(validation)"}"#))
            }
            let rows = try await house.database.read { transaction in
                try transaction.query("SELECT dedupe_key, template, state FROM notifications") {
                    [try $0.text(0), try $0.text(1), try $0.text(2)]
                }
            }
            #expect(rows == [["verify_email:\(validation)", "verify_email", "queued"]])
        }
    }

    @Test("without capturing nothing is sent and there is no mailbox to see")
    func production() async throws {
        try await withNotificationsHouse { house async throws in
            let module = self.module(house, knowing: ValidationID(house.identifiers.next()), capturesMail: false)
            #expect(module.services.isEmpty)
            #expect(module.developmentRoutes.isEmpty)
            #expect(module.subscriptions.count == 2)
        }
    }

    private func module(
        _ house: NotificationsHouse, knowing id: ValidationID, capturesMail: Bool = true
    ) -> NotificationsModule {
        NotificationsModule(
            NotificationsDependencies(
                appName: "Gapura", sender: "Gapura <no-reply@localhost>", database: house.database,
                accounts: OneProof(id: id, now: house.clock.now), templates: NotificationsHouse.templates,
                clock: house.clock, identifiers: house.identifiers, logger: .silent),
            capturesMail: capturesMail)
    }

    private struct OneProof: AccountsFacade {
        let id: ValidationID
        let now: Timestamp

        func verificationMail(for id: ValidationID) async throws -> VerificationMail? {
            guard id == self.id else { return nil }
            return VerificationMail(
                userID: UserID(id.value), recipient: EmailAddress("ana@example.com")!, locale: "en",
                link: "https://gapura.test/verify?token=t", createdAt: now, expiresAt: now + .seconds(86_400))
        }
    }

    /// Delivers everything twice.
    private struct RedeliveringBus: EventBus {
        let bus: InProcessEventBus

        func publish(_ envelope: EventEnvelope) async throws {
            try await bus.publish(envelope)
            try await bus.publish(envelope)
        }
    }
}
