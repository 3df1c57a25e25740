import AccessContract
import AccountsContract
import AccountsContractDoubles
import ChangeFeeds
import Configuration
import HTTP
import JSON
import Lifecycle
import Messaging
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import SQL
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
            let module = try self.module(house, knowing: validation)
            let outbox = Outbox(identifiers: house.identifiers, clock: house.clock)
            try await house.database.write {
                let user = UserID(SequentialIdentifiers.identifier(5_000))
                try outbox.append(UserCreated(userID: user, validationID: validation), in: $0)
                try outbox.append(UserCreated(userID: user, validationID: nil), in: $0)
            }
            let bus = RedeliveringBus(bus: InProcessEventBus(module.subscriptions))
            let relay = OutboxRelay(
                database: house.database, owner: SequentialIdentifiers.identifier(77),
                groups: [ConsumerGroup(name: "notifications", types: nil, bus: bus)], wakeup: Wakeup(),
                clock: house.clock, logger: .silent)
            try await until { try await relay.relayOnce() == 0 }

            let stop = Latch()
            async let group: Void = ServiceGroup(module.services, grace: .seconds(60), logger: .silent)
                .run(until: stop)
            try await until { try await house.count("captured_mails") > 0 }
            stop.open()
            try await group
            let mails = try await house.mailbox.list(PageRequest()).items
            #expect(mails.map(\.links) == [["https://gapura.test/verify?token=\(validation)"]])
            #expect(try await house.count("notifications") == 1)
        }
    }

    @Test("the words and the link of a mail are not in the table of notifications")
    func keepsNoSecret() async throws {
        try await withNotificationsHouse { house async throws in
            let validation = ValidationID(house.identifiers.next())
            let module = try self.module(house, knowing: validation)
            for subscription in module.subscriptions where subscription.type == UserCreated.type {
                try await subscription.handle(
                    EventEnvelope(
                        id: house.identifiers.next(), source: UserCreated.source, type: UserCreated.type,
                        subject: validation.value, time: house.clock.now, traceparent: nil,
                        data: #"{"user_id":"\#(validation)","validation_id":"\#(validation)"}"#, reach: .public,
                        number: 1))
            }
            let rows = try await house.database.read { transaction in
                try transaction.query("SELECT dedupe_key, template, state FROM notifications") {
                    [try $0.text(0), try $0.text(1), try $0.text(2)]
                }
            }
            #expect(rows == [["verify_email:\(validation)", "verify_email", "queued"]])
        }
    }

    @Test("an account that is locked again and again gets one mail a day; every change of a password is told")
    func notices() async throws {
        try await withNotificationsHouse { house async throws in
            let module = try self.module(house, knowing: ValidationID(house.identifiers.next()))
            let user = UserID(SequentialIdentifiers.identifier(5_000))
            for type in [AccountLocked.type, PasswordChanged.type] {
                for hours in [0, 1, 25] {
                    try await deliver(type, user, at: house.clock.now + .seconds(hours * 3_600), house, module)
                }
            }
            let templates = try await house.database.read { transaction in
                try transaction.query("SELECT template FROM notifications") { try $0.text(0) }
            }
            #expect(templates.count { $0 == "account_locked" } == 2)
            #expect(templates.count { $0 == "password_changed" } == 3)
        }
    }

    @Test("when an account is gone, its messages and refused addresses go, and nobody else's")
    func forgets() async throws {
        try await withNotificationsHouse { house async throws in
            let module = try self.module(house, knowing: ValidationID(house.identifiers.next()))
            let (gone, stays) = (house.identifiers.next(UserID.self), house.identifiers.next(UserID.self))
            for user in [gone, stays] {
                try await deliver(PasswordChanged.type, user, at: house.clock.now, house, module)
            }
            #expect(try await module.personalMails.export(gone.value).notifications.count == 1)
            try await deliver(UserDeleted.type, gone, at: house.clock.now, house, module)
            #expect(try await module.personalMails.export(gone.value).notifications.isEmpty)
            #expect(try await module.personalMails.export(stays.value).notifications.count == 1)
        }
    }

    private func deliver(
        _ type: String, _ user: UserID, at time: Timestamp, _ house: NotificationsHouse, _ module: NotificationsModule
    ) async throws {
        let envelope = EventEnvelope(
            id: house.identifiers.next(), source: UserCreated.source, type: type, subject: user.value, time: time,
            traceparent: nil, data: #"{"user_id":"\#(user)"}"#, reach: .public, number: 1)
        for subscription in module.subscriptions where subscription.type == type {
            try await subscription.handle(envelope)
        }
    }

    @Test("without capturing nothing is sent and there is no mailbox to see")
    func production() async throws {
        try await withNotificationsHouse { house async throws in
            let module = try self.module(house, knowing: ValidationID(house.identifiers.next()), capturesMail: false)
            #expect(module.services.map(\.name) == ["notification rules"])
            #expect(module.developmentRoutes.isEmpty)
            let mails = module.subscriptions.filter { $0.consumer == "notifications" }
            #expect(Set(mails.map(\.type)) == Set(Rule.shipped.map(\.eventType)).union([UserDeleted.type]))
            #expect(module.subscriptions.count - mails.count == 1)
        }
    }

    @Test("a rule that is switched in one process counts in the other one when it reads, and at once in its own")
    func rules() async throws {
        try await withNotificationsHouse { house async throws in
            let (here, there) = (try self.module(house), try self.module(house))
            let user = house.identifiers.next(UserID.self)
            let verified: (NotificationsModule) async throws -> Void = { module in
                try await deliver(
                    UserVerified.type, UserID(house.identifiers.next()), at: house.clock.now, house, module)
            }
            for module in [here, there] { try await verified(module) }
            #expect(try await house.count("notifications") == 2)
            let staff = Principal(
                .session(house.identifiers.next()), of: user.value, permissions: PermissionSet([]),
                client: ClientInfo(address: try #require(NetworkAddress(text: "192.0.2.1")), userAgent: nil))
            let outcome = try await here.rules.change(
                [.init(eventType: UserVerified.type, template: "welcome", isEnabled: false)], by: staff)
            guard case .changed = outcome else {
                Issue.record("\(outcome)")
                return
            }
            try await verified(here)
            #expect(try await house.count("notifications") == 2)
            try await there.ruleChanges.read()
            try await verified(there)
            #expect(try await house.count("notifications") == 2)
            #expect(try await there.rules.read() == RuleSet([Rule(on: UserVerified.type, send: .welcome): false]))
        }
    }

    @Test("a quota that is used up is told once a day for each limit, and a tenant's to nobody")
    func quota() async throws {
        try await withNotificationsHouse { house async throws in
            let module = try self.module(house)
            let user = house.identifiers.next()
            func exhausted(_ holder: QuotaHolder, _ policy: String, hours: Int) async throws {
                let now = house.clock.now
                let quota = QuotaState(
                    plan: "free", policy: policy, service: nil, limit: 100, used: 100, windowStart: now,
                    windowEnd: Timestamp(seconds: 1_790_000_000))
                let event = QuotaExhausted(holder: holder, quota: quota)
                let envelope = EventEnvelope(
                    id: house.identifiers.next(), source: QuotaExhausted.source, type: QuotaExhausted.type,
                    subject: event.subject, time: now + .seconds(hours * 3_600), traceparent: nil,
                    data: try EventCoding.encode(event), reach: .public, number: 1)
                for subscription in module.subscriptions where subscription.type == QuotaExhausted.type {
                    try await subscription.handle(envelope)
                }
            }
            for hours in [0, 1, 25] { try await exhausted(.user(user), "minute", hours: hours) }
            try await exhausted(.user(user), "day", hours: 0)
            try await exhausted(.tenant(TenantID(house.identifiers.next())), "day", hours: 0)
            let notifications = try await module.personalMails.export(user).notifications
            #expect(notifications.count == 3)
            #expect(try await house.count("notifications") == 3)
            #expect(
                notifications.last?.details
                    == ["plan": "free", "used": "100", "limit": "100", "until": "2026-09-21 14:13 UTC"])
        }
    }

    private func module(
        _ house: NotificationsHouse, knowing id: ValidationID? = nil, capturesMail: Bool = true
    ) throws -> NotificationsModule {
        var reader = SettingsReader(values: [:]) { _ in "" }
        let accounts = AccountsFacadeDouble()
        if let id { accounts.expect(id, createdAt: house.clock.now) }
        return NotificationsModule(
            NotificationsSettings(&reader, appName: "Gapura"),
            try house.resources(), accounts: accounts,
            capturesMail: capturesMail)
    }

    /// Delivers everything twice.
    private struct RedeliveringBus: EventBus {
        let bus: InProcessEventBus

        func publish(_ batch: [EventEnvelope]) async -> [Identifier: any Error] {
            _ = await bus.publish(batch)
            return await bus.publish(batch)
        }
    }
}
