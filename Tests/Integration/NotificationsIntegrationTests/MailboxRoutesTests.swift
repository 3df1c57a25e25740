import Composition
import HTTP
import JSON
import Lists
import NotificationsDomain
import Shared
import TestSupport
import Testing

@testable import NotificationsInfrastructure

@Suite("The captured mailbox over HTTP")
struct MailboxRoutesTests {
    @Test("the document lists the newest first with links, and leads to the next part")
    func document() async throws {
        try await withNotificationsHouse { house async throws in
            for number in 1...3 as ClosedRange<UInt64> { try await house.mailbox.send(try house.mail(number)) }
            let first = try await get(house, "/dev/mailbox.json", query: "limit=2")
            let mails = try #require(try JSONValue(parsing: first.body).elements)
            #expect(mails.map { $0["subject"]?.text } == ["Subject 3", "Subject 2"])
            #expect(mails[0]["to"]?.text == "ana@example.com")
            #expect(mails[0]["links"] == ["https://gapura.test/verify?token=t"])
            #expect(mails[0]["html"]?.text == "<p>Hello 3</p>")
            #expect(mails[0]["created_at"]?.text == house.clock.now.description)
            let link = try #require(first["Link"])
            #expect(link.hasSuffix(">; rel=\"next\""))
            let query = try #require(link.split(separator: "?").last?.split(separator: ">").first)
            let second = try await get(house, "/dev/mailbox.json", query: String(query))
            #expect(try JSONValue(parsing: second.body).elements?.map { $0["subject"]?.text } == ["Subject 1"])
            #expect(second["Link"] == nil)
            let cursor = query.split(separator: "=").last ?? ""
            #expect(try await get(house, "/dev/mailbox.json", query: "limit=1&wait=1&cursor=\(cursor)").status == 200)
            for other in [
                "limit=2&cursor=\(cursor)A", "to=ana@example.com&cursor=\(cursor)",
                "cursor=\(mails[1]["id"]?.text ?? "")",
            ] {
                #expect(try await get(house, "/dev/mailbox.json", query: other).status == 422)
            }
            #expect(try await get(house, "/dev/mailbox", query: String(query)).status == 422)
        }
    }

    @Test("an empty mailbox is an empty list, and a page that says so")
    func empty() async throws {
        try await withNotificationsHouse { house async throws in
            #expect(try await get(house, "/dev/mailbox.json").body == Array("[]".utf8))
            let page = try await get(house, "/dev/mailbox")
            #expect(page.status == 200)
            #expect(String(decoding: page.body, as: UTF8.self).contains("There is none yet"))
        }
    }

    @Test("a mail's page shows its text escaped, and leads to its links")
    func page() async throws {
        try await withNotificationsHouse { house async throws in
            let mail = try house.mail(1, text: "<script>alert(1)</script> https://gapura.test/v")
            try await house.mailbox.send(mail)
            let page = try await get(house, "/dev/mailbox/\(mail.id)")
            let html = String(decoding: page.body, as: UTF8.self)
            #expect(page.status == 200)
            #expect(!html.contains("<script>"))
            #expect(
                html.contains("href=\"https://gapura.test/v\"")
                    || html.contains("href=\"https:&#x2F;&#x2F;gapura.test&#x2F;v\""))
            let list = try await get(house, "/dev/mailbox")
            #expect(String(decoding: list.body, as: UTF8.self).contains("/dev/mailbox/\(mail.id)"))
        }
    }

    @Test("a mail's HTML is shown as it is, with scripts off")
    func html() async throws {
        try await withNotificationsHouse { house async throws in
            let mail = try house.mail(1)
            try await house.mailbox.send(mail)
            let answer = try await get(house, "/dev/mailbox/\(mail.id)/html")
            #expect(String(decoding: answer.body, as: UTF8.self) == mail.html)
            let policy = try #require(answer["Content-Security-Policy"])
            #expect(policy.contains("default-src 'none'"))
            #expect(!policy.contains("script-src"))
            #expect(answer.headers.filter { $0.name == "Content-Security-Policy" }.count == 1)
        }
    }

    @Test(
        "what is not there is 404; a bad query is told",
        arguments: ["nonsense", "01900000-0000-7000-8000-000000000099"])
    func unknown(_ id: String) async throws {
        try await withNotificationsHouse { house async throws in
            #expect(try await get(house, "/dev/mailbox/\(id)").status == 404)
            #expect(try await get(house, "/dev/mailbox/\(id)/html").status == 404)
            #expect(try await get(house, "/dev/mailbox.json", query: "limit=0").status == 422)
        }
    }

    private func get(_ house: NotificationsHouse, _ path: String, query: String? = nil) async throws -> Response {
        let routes = MailboxRoutes(
            mailbox: house.mailbox, frame: try house.resources().pages, sender: "Gapura <no-reply@localhost>",
            cursors: ListCursors(NotificationsHouse.masterKey)
        ).routes
        let failures = FailureMapping(logger: .silent) { problem, _ in
            Response(status: problem.kind.status)
        }
        return await Router(routes: routes, middleware: [failures])
            .respond(to: Request(method: .get, path: path, query: query))
    }
}
