import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared
import TestSupport
import Testing

/// What every implementation of `NotificationsWork` must do, starting empty.
package struct NotificationsWorkBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (any NotificationsWork) async throws -> Void

    private init(_ name: String, _ check: @escaping @Sendable (any NotificationsWork) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all = [
        NotificationsWorkBehaviour("a notification comes back as it was stored") { work async throws in
            let notification = Sample.notification(1, attempts: 3)
            try await work.write { try $0.notifications.insert(notification) }
            #expect(try await work.due(at: Sample.now) == [notification])
        },
        NotificationsWorkBehaviour("what is due comes when its moment has come, the oldest first, up to a limit") {
            work async throws in
            let notifications = [
                Sample.notification(1, nextAttemptAt: Sample.now + .seconds(1)),
                Sample.notification(2, nextAttemptAt: Sample.now),
                Sample.notification(3, nextAttemptAt: Sample.now - .seconds(1)),
            ]
            try await work.write { context in
                for notification in notifications { try context.notifications.insert(notification) }
            }
            #expect(try await work.due(at: Sample.now).map(\.id) == [Sample.id(3), Sample.id(2)])
            #expect(try await work.due(at: Sample.now, limit: 1).map(\.id) == [Sample.id(3)])
            #expect(try await work.due(at: Sample.now + .seconds(1)).count == 3)
        },
        NotificationsWorkBehaviour("what was tried before is due apart from what was not") { work async throws in
            try await work.write { context in
                for number in 1...4 as ClosedRange<UInt64> {
                    try context.notifications.insert(Sample.notification(number, attempts: number > 2 ? 1 : 0))
                }
            }
            let (retried, new) = try await work.read { context in
                let repository = context.notifications
                return (
                    try repository.due(at: Sample.now, retried: true, limit: 9),
                    try repository.due(at: Sample.now, retried: false, limit: 9)
                )
            }
            #expect(Set(retried.map(\.id)) == [Sample.id(3), Sample.id(4)])
            #expect(Set(new.map(\.id)) == [Sample.id(1), Sample.id(2)])
        },
        NotificationsWorkBehaviour("a claimed notification is nobody else's until the claim ends or it is updated") {
            work async throws in
            let end = Sample.now + .seconds(60)
            let notification = Sample.notification(1)
            try await work.write { try $0.notifications.insert(notification) }
            let claim: @Sendable (Timestamp) async throws -> Bool = { now in
                try await work.write { try $0.notifications.claim(notification.id, at: now, until: now + .seconds(60)) }
            }
            #expect(try await claim(Sample.now))
            #expect(try await claim(end - .milliseconds(1)) == false)
            #expect(try await work.due(at: end - .milliseconds(1)).isEmpty)
            #expect(try await work.due(at: end).count == 1)
            #expect(try await claim(end))
            let later = end + .seconds(3_600)
            try await work.write { try $0.notifications.extendClaim(notification.id, until: later) }
            #expect(try await claim(later - .milliseconds(1)) == false)
            var failed = notification
            failed.failed(at: end, delay: .seconds(1))
            try await work.write { [failed] in try $0.notifications.update(failed) }
            // Whoever read it before it was postponed does not try it early.
            #expect(try await claim(end) == false)
            #expect(try await claim(end + .seconds(1)))
            var sent = failed
            sent.sent(by: "smtp.example.com:587", to: AddressDigest([1]), at: end)
            try await work.write { [sent] in try $0.notifications.update(sent) }
            #expect(try await claim(end + .seconds(3_600)) == false)
        },
        NotificationsWorkBehaviour("of many who claim one at once, one has it") { work async throws in
            try await work.write { try $0.notifications.insert(Sample.notification(1)) }
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 1...20 {
                    group.addTask {
                        try await work.write {
                            try $0.notifications.claim(Sample.id(1), at: Sample.now, until: Sample.now + .seconds(60))
                        }
                    }
                }
                var winners = 0
                for try await isWinner in group where isWinner { winners += 1 }
                return winners
            }
            #expect(winners == 1)
        },
        NotificationsWorkBehaviour("a suppression is found by its address in any case, replaced and removed") {
            work async throws in
            let first = Sample.suppression("Ana@Example.com", reason: "550 5.1.1", at: Sample.now)
            let second = Sample.suppression("ana@example.com", reason: "550", at: Sample.now + .seconds(1))
            let other = Sample.suppression("ani@example.com", reason: "553", at: Sample.now)
            for suppression in [first, other, second] {
                try await work.write { try $0.suppressions.put(suppression) }
            }
            #expect(try await work.read { try $0.suppressions.find(first.address) } == second)
            try await work.write { try $0.suppressions.remove(first.address) }
            #expect(try await work.read { try $0.suppressions.find(second.address) } == nil)
            #expect(try await work.read { try $0.suppressions.find(other.address) } == other)
        },
        NotificationsWorkBehaviour("a second notification about the same is not stored") { work async throws in
            let first = Sample.notification(1, reference: 9)
            let second = Sample.notification(2, reference: 9)
            try await work.write { context in
                try context.notifications.insert(first)
                try context.notifications.insert(second)
            }
            #expect(try await work.due(at: Sample.now) == [first])
        },
        NotificationsWorkBehaviour("an update is kept; only what is queued is due") { work async throws in
            for (number, state) in zip(UInt64(1)..., [Notification.State.queued, .sent, .dropped, .failed]) {
                var notification = Sample.notification(number)
                let stored = notification
                notification.state = state
                notification.attempts = 4
                notification.sentAt = state == .sent ? Sample.now : nil
                notification.nextAttemptAt = Sample.now - .seconds(5)
                let updated = notification
                try await work.write { context in
                    try context.notifications.insert(stored)
                    try context.notifications.update(updated)
                }
                let due = try await work.due(at: Sample.now).filter { $0.id == updated.id }
                #expect(due == (state == .queued ? [updated] : []))
            }
        },
        NotificationsWorkBehaviour("what an event said, why and where a message went or not come back as stored") {
            work async throws in
            var notification = Sample.notification(1, details: ["used": "80", "plan": "free"])
            let stored = notification
            notification.dropped(because: .limited)
            let dropped = notification
            try await work.write { try $0.notifications.insert(stored) }
            #expect(try await work.due(at: Sample.now) == [stored])
            try await work.write { try $0.notifications.update(dropped) }
            let list: @Sendable (NotificationFilter) async throws -> [Notification] = { filter in
                try await work.read { try $0.notifications.list(filter, PageRequest()).items }
            }
            #expect(try await list(NotificationFilter()) == [dropped])
            var sent = Sample.notification(2)
            try await work.write { [sent] in try $0.notifications.insert(sent) }
            sent.sent(by: "smtp.example.com:587", to: AddressDigest([1, 2]), at: Sample.now)
            try await work.write { [sent] in try $0.notifications.update(sent) }
            #expect(try await list(NotificationFilter(state: .sent)) == [sent])
            #expect(try await list(NotificationFilter(state: .failed)).isEmpty)
        },
        NotificationsWorkBehaviour("the log comes part by part, the newest first, by state, template and person") {
            work async throws in
            try await work.write { context in
                for number in 1...5 as ClosedRange<UInt64> {
                    try context.notifications.insert(Sample.notification(number, of: number < 4 ? 1 : 2))
                }
            }
            var parts: [[NotificationID]] = []
            var after: NewestFirst?
            repeat {
                let page = try await work.read { [after] in
                    try $0.notifications.list(NotificationFilter(), PageRequest(limit: 2, after: after))
                }
                parts.append(page.items.map(\.id))
                after = page.next
            } while after != nil
            #expect(parts == [[Sample.id(5), Sample.id(4)], [Sample.id(3), Sample.id(2)], [Sample.id(1)]])
            let person = NotificationFilter(userID: SequentialIdentifiers.identifier(2))
            let (ofPerson, ofTemplate) = try await work.read { context in
                (
                    try context.notifications.list(person, PageRequest()).items.map(\.id),
                    try context.notifications.list(NotificationFilter(template: .welcome), PageRequest()).items
                )
            }
            #expect(ofPerson == [Sample.id(5), Sample.id(4)])
            #expect(ofTemplate.isEmpty)
        },
        NotificationsWorkBehaviour("mails to an address are counted from a moment on, all and those of a template") {
            work async throws in
            let (address, other) = (AddressDigest([1]), AddressDigest([2]))
            let sendings: [(UInt64, AddressDigest, Int)] = [
                (1, address, 0), (2, address, -1), (3, address, 5), (4, other, 5),
            ]
            try await work.write { context in
                for (number, digest, seconds) in sendings {
                    var notification = Sample.notification(number, template: number == 3 ? .welcome : .verifyEmail)
                    try context.notifications.insert(notification)
                    notification.sent(by: "x", to: digest, at: Sample.now + .seconds(seconds))
                    try context.notifications.update(notification)
                }
                // Those that were not sent do not count.
                try context.notifications.insert(Sample.notification(5))
            }
            let count: @Sendable (AddressDigest, NotificationTemplate) async throws -> SentCount = {
                address, template in
                try await work.read { try $0.notifications.sent(to: address, of: template, since: Sample.now) }
            }
            #expect(try await count(address, .verifyEmail) == SentCount(all: 2, ofTemplate: 1))
            #expect(try await count(other, .welcome) == SentCount(all: 1, ofTemplate: 0))
            #expect(try await count(AddressDigest([3]), .welcome) == SentCount(all: 0, ofTemplate: 0))
        },
        NotificationsWorkBehaviour("suppressions come part by part, by the address's bytes, and say whose word it was")
        {
            work async throws in
            let addresses = ["b@example.com", "a_b@example.com", "a-b@example.com", "A@example.com", "b1@example.com"]
            try await work.write { context in
                for address in addresses {
                    try context.suppressions.put(
                        Sample.suppression(address, reason: "550", isManual: address.hasPrefix("b"), at: Sample.now))
                }
            }
            var parts: [[String]] = []
            var manual: Set<String> = []
            var after: ByName?
            repeat {
                let page = try await work.read { [after] in
                    try $0.suppressions.list(PageRequest(limit: 2, after: after))
                }
                parts.append(page.items.map(\.address.key))
                manual.formUnion(page.items.filter(\.isManual).map(\.address.key))
                after = page.next
            } while after != nil
            #expect(
                parts == [
                    ["a-b@example.com", "a@example.com"], ["a_b@example.com", "b1@example.com"], ["b@example.com"],
                ])
            #expect(manual == ["b@example.com", "b1@example.com"])
            let removed = try await work.write { context in
                let address = Sample.suppression("B@example.com", reason: "", at: Sample.now).address
                return [try context.suppressions.remove(address), try context.suppressions.remove(address)]
            }
            #expect(removed == [true, false])
        },
        NotificationsWorkBehaviour("a rule is as it was switched last") { work async throws in
            let welcome = Rule(on: "user.verified", send: .welcome)
            let quota = Rule(on: "quota.exhausted", send: .quotaExhausted)
            #expect(try await work.read { try $0.rules.switched() }.isEmpty)
            try await work.write { context in
                try context.rules.set(welcome, isEnabled: false, at: Sample.now)
                try context.rules.set(quota, isEnabled: false, at: Sample.now)
                try context.rules.set(quota, isEnabled: true, at: Sample.now)
                try context.rules.changed(at: Sample.now)
            }
            #expect(try await work.read { try $0.rules.switched() } == [welcome: false, quota: true])
        },
        NotificationsWorkBehaviour("what a person said about a kind is kept, replaced, and removed with the person") {
            work async throws in
            let (person, other) = (SequentialIdentifiers.identifier(1), SequentialIdentifiers.identifier(2))
            let off = NotificationPreference(kind: .usage, isEnabled: false, updatedAt: Sample.now)
            let on = NotificationPreference(kind: .usage, isEnabled: true, updatedAt: Sample.now + .seconds(1))
            let webhooks = NotificationPreference(kind: .webhooks, isEnabled: false, updatedAt: Sample.now)
            try await work.write { context in
                try context.preferences.put(off, of: person)
                try context.preferences.put(webhooks, of: person)
                try context.preferences.put(on, of: person)
                try context.preferences.put(off, of: other)
            }
            #expect(try await work.read { try $0.preferences.all(of: person) } == [on, webhooks])
            try await work.write { try $0.preferences.removeAll(of: person) }
            #expect(try await work.read { try $0.preferences.all(of: person) }.isEmpty)
            #expect(try await work.read { try $0.preferences.all(of: other) } == [off])
        },
        NotificationsWorkBehaviour("a person's messages and addresses are found and removed, and nobody else's") {
            work async throws in
            let person = SequentialIdentifiers.identifier(1)
            let suppression = Sample.suppression("ana@example.com", of: 1, reason: "550", at: Sample.now)
            let others = Sample.suppression("ani@example.com", of: 2, reason: "550", at: Sample.now)
            try await work.write { context in
                for (number, user) in [(1, 1), (2, 1), (3, 2), (4, nil)] as [(UInt64, UInt64?)] {
                    try context.notifications.insert(Sample.notification(number, of: user))
                }
                try context.suppressions.put(suppression)
                try context.suppressions.put(others)
            }
            try await work.read { context in
                let found: [Notification] = try context.notifications.all(of: person)
                #expect(found == [Sample.notification(2, of: 1), Sample.notification(1, of: 1)])
                #expect(try context.suppressions.all(of: person) == [suppression])
            }
            try await work.write { context in
                try context.notifications.removeAll(of: person)
                try context.suppressions.removeAll(of: person)
            }
            #expect(try await work.due(at: Sample.now).map(\.id).sorted() == [Sample.id(3), Sample.id(4)])
            #expect(try await work.read { try $0.suppressions.find(suppression.address) } == nil)
            #expect(try await work.read { try $0.suppressions.find(others.address) } == others)
        },
        NotificationsWorkBehaviour("every repository is part of the unit of work: what throws leaves nothing") {
            work async throws in
            struct Stop: Error {}
            let suppression = Sample.suppression("ana@example.com", reason: "550", at: Sample.now)
            await #expect(throws: Stop.self) {
                try await work.write { context in
                    try context.notifications.insert(Sample.notification(1))
                    try context.suppressions.put(suppression)
                    throw Stop()
                }
            }
            #expect(try await work.due(at: Sample.now).isEmpty)
            #expect(try await work.read { try $0.suppressions.find(suppression.address) } == nil)
        },
        NotificationsWorkBehaviour("a unit of work that reads cannot change anything") { work async throws in
            await #expect(throws: InternalFailure.self) {
                try await work.read { try $0.notifications.insert(Sample.notification(1)) }
            }
            let due = try await work.due(at: Sample.now)
            #expect(due.isEmpty)
        },
    ]
}

/// What every `MailTransport` must do.
package struct MailTransportBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    /// - Parameter delivered: the mails that arrived, in any order.
    package let check:
        @Sendable (_ transport: any MailTransport, _ delivered: @Sendable () async throws -> [Mail]) async throws ->
            Void

    package static let all = [
        MailTransportBehaviour(testDescription: "a mail arrives as it was sent") { transport, delivered async throws in
            let mail = Sample.mail(1)
            guard case .accepted(let provider) = try await transport.send(mail) else {
                Issue.record("the mail was not accepted")
                return
            }
            #expect(!provider.isEmpty)
            #expect(try await delivered() == [mail])
        },
        MailTransportBehaviour(testDescription: "every mail of many at once arrives") {
            transport, delivered async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...20 as ClosedRange<UInt64> {
                    group.addTask { _ = try await transport.send(Sample.mail(number)) }
                }
                try await group.waitForAll()
            }
            #expect(Set(try await delivered().map(\.id)).count == 20)
        },
        MailTransportBehaviour(testDescription: "a mail that is sent again keeps its id, so that it is known") {
            transport, delivered async throws in
            for _ in 1...2 { _ = try await transport.send(Sample.mail(1)) }
            #expect(Set(try await delivered().map(\.id)) == [Sample.id(1)])
        },
    ]
}

enum Sample {
    static let now = Timestamp(milliseconds: 1_790_000_000_123)

    static func id(_ number: UInt64) -> NotificationID { NotificationID(SequentialIdentifiers.identifier(number)) }

    static func notification(
        _ number: UInt64, reference: UInt64? = nil, of user: UInt64? = 5_000, attempts: Int = 0,
        nextAttemptAt: Timestamp = now, template: NotificationTemplate = .verifyEmail, details: [String: String] = [:]
    ) -> Notification {
        Notification(
            id: id(number),
            dedupeKey: Notification.dedupeKey(template, occasion: "\(reference ?? 1_000 + number)"),
            template: template, reference: SequentialIdentifiers.identifier(reference ?? 1_000 + number),
            userID: user.map { SequentialIdentifiers.identifier($0) },
            attempts: attempts, nextAttemptAt: nextAttemptAt, createdAt: now - .seconds(60), details: details)
    }

    static func suppression(
        _ address: String, of user: UInt64? = nil, reason: String, isManual: Bool = false, at moment: Timestamp
    ) -> MailSuppression {
        MailSuppression(
            address: EmailAddress(address)!, userID: user.map { SequentialIdentifiers.identifier($0) }, reason: reason,
            isManual: isManual, createdAt: moment)
    }

    static func mail(_ number: UInt64) -> Mail {
        Mail(
            id: id(number), to: EmailAddress("ana@example.com")!, subject: "Subject \(number) \u{00FC}",
            text: "Line 1\n\nhttps://gapura.test/\(number)\n", html: "<p>&lt;\u{1F511}</p>", createdAt: now)
    }
}

extension UnitOfWork<any NotificationsContext> {
    /// Those that were tried before come first.
    func due(at now: Timestamp, limit: Int = 100) async throws -> [Notification] {
        try await read { context in
            try [true, false].flatMap { try context.notifications.due(at: now, retried: $0, limit: limit) }
        }
    }
}
