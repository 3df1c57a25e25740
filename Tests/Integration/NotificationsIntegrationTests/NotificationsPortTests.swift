import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import NotificationsPortSuites
import Shared
import TestSupport
import Testing

@testable import NotificationsInfrastructure

@Suite("The ports of Notifications, over each adapter")
struct NotificationsPortTests {
    @Test("SQL behaves as every store of Notifications", arguments: NotificationsWorkBehaviour.all)
    func sqlWork(_ behaviour: NotificationsWorkBehaviour) async throws {
        try await withNotificationsHouse { house in try await behaviour.check(try house.work()) }
    }

    @Test("the double behaves as every store of Notifications", arguments: NotificationsWorkBehaviour.all)
    func inMemoryWork(_ behaviour: NotificationsWorkBehaviour) async throws {
        try await behaviour.check(InMemoryNotificationsWork())
    }

    @Test("SQL behaves as every store of webhooks", arguments: WebhookStoreBehaviour.all)
    func sqlWebhooks(_ behaviour: WebhookStoreBehaviour) async throws {
        try await withNotificationsHouse { house in try await behaviour.check(try house.work()) }
    }

    @Test("the double behaves as every store of webhooks", arguments: WebhookStoreBehaviour.all)
    func inMemoryWebhooks(_ behaviour: WebhookStoreBehaviour) async throws {
        try await behaviour.check(InMemoryNotificationsWork())
    }

    @Test("the captured mailbox behaves as every transport", arguments: MailTransportBehaviour.all)
    func mailbox(_ behaviour: MailTransportBehaviour) async throws {
        try await withNotificationsHouse { house async throws in
            let mailbox = house.mailbox
            try await behaviour.check(mailbox) { try await mailbox.list(PageRequest(limit: 100)).items }
        }
    }

    @Test("the double behaves as every transport", arguments: MailTransportBehaviour.all)
    func transportDouble(_ behaviour: MailTransportBehaviour) async throws {
        let transport = MailTransportDouble()
        try await behaviour.check(transport) { transport.sent }
    }

    @Test("the mailbox keeps a repeated mail once")
    func repeated() async throws {
        try await withNotificationsHouse { house async throws in
            for _ in 1...3 { try await house.mailbox.send(try house.mail(1)) }
            #expect(try await house.count("captured_mails") == 1)
        }
    }

    @Test("the mailbox lists the newest first, part by part, each mail once")
    func pages() async throws {
        try await withNotificationsHouse { house async throws in
            for number in 1...5 as ClosedRange<UInt64> {
                try await house.mailbox.send(try house.mail(number))
            }
            var last: NewestFirst?
            var subjects: [[String]] = []
            repeat {
                let page = try await house.mailbox.list(PageRequest(limit: 2, after: last))
                subjects.append(page.items.map(\.subject))
                last = page.next
            } while last != nil
            #expect(subjects == [["Subject 5", "Subject 4"], ["Subject 3", "Subject 2"], ["Subject 1"]])
        }
    }

    @Test("the mailbox keeps the newest thousand")
    func bounded() async throws {
        try await withNotificationsHouse { house async throws in
            for number in 1...4 as ClosedRange<UInt64> { try await house.mailbox.send(try house.mail(number)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 5...1_000 as ClosedRange<UInt64> {
                    let mail = try house.mail(number)
                    group.addTask { try await house.mailbox.send(mail) }
                }
                try await group.waitForAll()
            }
            #expect(try await house.count("captured_mails") == 1_000)
            for number in 1_001...1_003 as ClosedRange<UInt64> {
                try await house.mailbox.send(try house.mail(number))
            }
            #expect(try await house.count("captured_mails") == 1_000)
            #expect(try await house.mailbox.find(NotificationID(SequentialIdentifiers.identifier(3))) == nil)
            #expect(try await house.mailbox.find(NotificationID(SequentialIdentifiers.identifier(4))) != nil)
        }
    }
}
