import AccountsContract
import AccountsContractDoubles
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import TestSupport
import Testing

@Suite("Sending notifications")
struct SendNotificationsTests {
    private let scene = NotificationsScene()

    @Test("a queued mail is sent once, to its reader and in his language")
    func sendsOnce() async throws {
        let id = try await scene.queueVerification()
        let transport = MailTransportDouble()
        let send = scene.send(by: transport)
        #expect(try await send() == 1)
        #expect(try await send() == 0)
        let mail = try #require(transport.sent.first)
        #expect(transport.sent.count == 1)
        #expect(mail.to == NotificationsScene.address)
        #expect(mail.subject == "verify_email de")
        #expect(
            mail.text
                == """
                app_name=Gapura
                email=ana@example.com
                expires_in=24 hours
                link=https://gapura.test/verify?token=\(id)
                """)
        let notification = try #require(scene.work.notifications.first)
        #expect(notification.state == .sent)
        #expect(notification.sentAt == scene.clock.now)
        #expect(mail.id == notification.id)
        #expect(mail.unsubscribeURL == nil)
        #expect(notification.provider == MailTransportDouble.provider)
        #expect(notification.addressDigest == AddressDigesterDouble().digest(NotificationsScene.address))
    }

    @Test("of two processes that find the same mail one sends it; the other one does if that one dies")
    func sendsOnceAmongMany() async throws {
        try await scene.queueVerification()
        let term: Duration = .seconds(120)
        let transport = MailTransportDouble()
        let one = scene.send(by: transport, claimTerm: term)
        let other = scene.send(by: transport, claimTerm: term)
        let due = try await one.due(retriedMax: 9, newMax: 9)
        // Killed before it notes what became of the mail.
        _ = await one.attempt(try #require(due.first))
        #expect(await other.attempt(try #require(due.first)) == nil)
        #expect(try await other.due(retriedMax: 9, newMax: 9).isEmpty)
        #expect(transport.sent.count == 1)
        scene.clock.advance(by: term)
        #expect(try await other() == 1)
        // The same mail to the byte: its reader's server knows it again.
        #expect(Set(transport.sent.map(\.id)).count == 1)
        #expect(try await one() == 0)
    }

    @Test("the link and the words are kept nowhere")
    func keepsNoSecret() async throws {
        try await scene.queueVerification()
        _ = try await scene.send(by: MailTransportDouble())()
        #expect(!String(reflecting: scene.work.store).contains("gapura.test"))
    }

    @Test("when nothing is to be said any more, nothing is sent, also later")
    func dropped() async throws {
        let id = try await scene.queueVerification()
        scene.accounts.forget(id)
        let transport = MailTransportDouble()
        _ = try await scene.send(by: transport)()
        #expect(scene.work.notifications.first?.state == .dropped)
        scene.accounts.expect(id, createdAt: scene.clock.now)
        scene.clock.advance(by: .seconds(3_600))
        #expect(try await scene.send(by: transport)() == 0)
        #expect(transport.sent.isEmpty)
    }

    @Test("a transport that fails is tried again when the delay is over")
    func retries() async throws {
        try await scene.queueVerification()
        let attempts = Recorder<Timestamp>()
        let clock = scene.clock
        let transport = MailTransportDouble { _ in
            attempts.add(clock.now)
            if attempts.all.count < 3 { throw Unavailable("smtp", reason: "as the test said") }
        }
        let send = scene.send(by: transport)
        let start = clock.now
        for _ in 1...6 {
            _ = try await send()
            clock.advance(by: .seconds(10))
        }
        #expect(attempts.all == [start, start + .seconds(10), start + .seconds(30)])
        #expect(transport.sent.count == 1)
        #expect(scene.work.notifications.first?.state == .sent)
        #expect(scene.work.notifications.first?.attempts == 3)
    }

    @Test("a mail that cannot be sent is given up after the last attempt, with a line in the log")
    func givenUp() async throws {
        try await scene.queueVerification()
        let transport = MailTransportDouble { _ in throw Unavailable("smtp", reason: "as the test said") }
        let send = scene.send(by: transport)
        for _ in 1...Notification.attemptsMax {
            #expect(scene.work.notifications.first?.state == .queued)
            #expect(try await send() == 1)
            scene.clock.advance(by: .seconds(3_600))
        }
        #expect(scene.work.notifications.first?.state == .failed)
        #expect(try await send() == 0)
        #expect(scene.log.messages.last == "a mail was given up")
        #expect(scene.log.entries.allSatisfy { $0["cause"] != nil })
        #expect(!scene.log.entries.contains { "\($0.fields)".contains("gapura.test") })
    }

    @Test("a mail that fails does not keep others from their readers")
    func othersGoOn() async throws {
        let bad = try await scene.queueVerification()
        for _ in 1...3 { try await scene.queueVerification() }
        let transport = MailTransportDouble { mail in
            if mail.text.contains("\(bad)") { throw Unavailable("smtp", reason: "as the test said") }
        }
        #expect(try await scene.send(by: transport)() == 4)
        #expect(transport.sent.count == 3)
        #expect(scene.work.notifications.filter { $0.state == .queued }.map(\.reference) == [bad.value])
    }

    @Test("an Accounts that does not answer delays the mail")
    func accountsUnavailable() async throws {
        try await scene.queueVerification()
        scene.accounts.failNext(1)
        let transport = MailTransportDouble()
        let send = scene.send(by: transport)
        _ = try await send()
        #expect(transport.sent.isEmpty)
        scene.clock.advance(by: .seconds(10))
        _ = try await send()
        #expect(transport.sent.count == 1)
    }

    @Test("a crash between sending and noting sends the same mail again, with the same id and words")
    func crash() async throws {
        try await scene.queueVerification()
        let transport = MailTransportDouble()
        let send = scene.send(by: transport)
        scene.work.beforeNextWrite { throw Unavailable("database", reason: "as the test said") }
        await #expect(throws: Unavailable.self) { try await send() }
        scene.clock.advance(by: .seconds(3_600))
        _ = try await send()
        #expect(transport.sent.count == 2)
        #expect(transport.sent[0] == transport.sent[1])
        #expect(scene.work.notifications.first?.state == .sent)
    }

    @Test(
        "how long a link works is told in days, hours or minutes",
        arguments: [(600, "10 minutes"), (3_600, "1 hours"), (90_000, "25 hours"), (604_800, "7 days")])
    func hours(_ seconds: Int, _ words: String) async throws {
        let id = try await scene.queueVerification()
        scene.accounts.expect(id, createdAt: scene.clock.now, lifetime: .seconds(seconds))
        let transport = MailTransportDouble()
        _ = try await scene.send(by: transport)()
        #expect(transport.sent.first?.text.contains("expires_in=\(words)\n") == true)
    }

    @Test("a sign-in code is mailed with its link and its own time to live")
    func signInCode() async throws {
        let id: SignInCodeID = scene.identifiers.next()
        scene.accounts.expect(id, code: "012345", createdAt: scene.clock.now)
        let mail = try #require(try await mailed(on: "user.login_code_requested", about: id.value).first)
        #expect(mail.subject == "login_code de")
        #expect(mail.text.contains("code=012345\n"))
        #expect(mail.text.contains("expires_in=10 minutes\n"))
        #expect(mail.text.contains("link=https://gapura.test/login/link?token=\(id)"))
        #expect(!String(reflecting: scene.work.store).contains("012345"))
    }

    @Test(
        "notices say whom they are for and nothing else",
        arguments: ["password.changed", "account.locked", "session.ended_by_guessing"])
    func notices(_ eventType: String) async throws {
        let user: UserID = scene.identifiers.next()
        scene.accounts.expectNotice(to: user)
        let mail = try #require(try await mailed(on: eventType, about: user.value).first)
        #expect(mail.to == NotificationsScene.address)
        #expect(mail.text == "app_name=Gapura\nemail=ana@example.com")
    }

    @Test("of a change of address both mails are sent, each by what Accounts says about it")
    func emailChange() async throws {
        let id: ValidationID = scene.identifiers.next()
        scene.accounts.expect(id, createdAt: scene.clock.now, lifetime: .seconds(3_600))
        scene.accounts.expectNotice(ofChange: id)
        let mails = try await mailed(on: "user.email_change_requested", about: id.value)
        #expect(Set(mails.map(\.subject)) == ["email_change de", "email_change_notice de"])
        #expect(mails.filter { $0.text.contains("link=") }.map(\.subject) == ["email_change de"])
    }

    private func mailed(on eventType: String, about reference: Identifier) async throws -> [Mail] {
        try await scene.queue()(
            QueueNotificationCommand(
                eventID: scene.identifiers.next(), eventType: eventType, reference: reference,
                userID: NotificationsScene.user))
        let transport = MailTransportDouble()
        _ = try await scene.send(by: transport)()
        return transport.sent
    }

    @Test("a mail's links are the addresses in its text, in order")
    func links() {
        let mail = Mail(
            id: NotificationID(scene.identifiers.next()), to: NotificationsScene.address, subject: "",
            text: "Go to https://a.test/x?y=1\nor\r\nhttp://b.test\tnow, not ftp://c.test", html: "",
            createdAt: scene.clock.now)
        #expect(mail.links == ["https://a.test/x?y=1", "http://b.test"])
    }
}
