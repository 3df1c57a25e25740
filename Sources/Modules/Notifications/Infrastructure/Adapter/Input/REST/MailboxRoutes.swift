import HTTP
import JSON
import Lists
import NotificationsContract
import NotificationsDomain
import Pages
import Shared
import Templates

/// The captured mails, for people and for tests. Development only.
struct MailboxRoutes: Sendable {
    let mailbox: SQLCapturedMailbox
    let frame: PageFrame
    let sender: String
    let cursors: ListCursors

    private static let tag = "Development"
    private static let lookAgain: Duration = .milliseconds(25)

    var routes: [Route] { [listRoute, documentRoute, mailRoute, htmlRoute] }

    private var listRoute: Route {
        Route(
            .get, "/dev/mailbox",
            Operation(
                "showMailbox", "The captured mails", tag: Self.tag, isPage: true,
                answers: [.media(200, "text/html", "A list, the newest first")]),
            query: PageQuery.self
        ) { request, query in
            let list = cursors.list("showMailbox", request, query)
            let page = try await mailbox.list(try list.request())
            let mails = page.items.map { mail in
                TemplateValues([
                    "id": .text(mail.id.description), "subject": .text(mail.subject), "to": .text(mail.to.text),
                    "time": .text(mail.createdAt.description),
                ])
            }
            return try frame.show(
                PageContent(
                    "mailbox",
                    [
                        "mails": .list(mails), "has_mails": .flag(!mails.isEmpty),
                        "next_cursor": .text(try list.cursor(behind: page.next)?.text ?? ""),
                    ], shape: .wide),
                to: request)
        }
    }

    private var documentRoute: Route {
        Route(
            .get, "/dev/mailbox.json",
            Operation(
                "readMailbox", "The captured mails, the newest first", tag: Self.tag,
                answers: [
                    .document(
                        200, schema: ["type": "array", "items": .object(MailAnswer.shape.schema)],
                        "A list; `Link` leads to the next part")
                ]),
            query: MailboxQuery.self
        ) { request, query in
            let list = cursors.list("readMailbox", request, query)
            let page = try await waitForMails(query, try list.request())
            var writer = JSONWriter()
            writer.array { writer in
                for mail in page.items { MailAnswer.shape.write(MailAnswer(mail: mail), &writer) }
            }
            var response = Response.json(writer.bytes)
            if let cursor = try list.cursor(behind: page.next) {
                let recipient = query.recipient.map { "&to=\(PercentCoding.encode($0))" } ?? ""
                response.add(
                    "Link",
                    "</dev/mailbox.json?limit=\(query.page.limit)\(recipient)&cursor=\(cursor.text)>; rel=\"next\"")
            }
            return response
        }
    }

    private var mailRoute: Route {
        Route(
            .get, "/dev/mailbox/{id}",
            Operation(
                "showMail", "One captured mail", tag: Self.tag, isPage: true,
                answers: [.media(200, "text/html", "The mail"), .problem(.notFound)])
        ) { request in
            let mail = try await find(request)
            let links = mail.links.map { TemplateValues(["url": .text($0)]) }
            var content = PageContent(
                "mail",
                [
                    "id": .text(mail.id.description), "from": .text(sender), "to": .text(mail.to.text),
                    "time": .text(mail.createdAt.description), "links": .list(links),
                    "has_links": .flag(!links.isEmpty), "text": .text(mail.text), "has_html": true,
                ], shape: .wide)
            content.title = mail.subject
            return try frame.show(content, to: request)
        }
    }

    private var htmlRoute: Route {
        Route(
            .get, "/dev/mailbox/{id}/html",
            Operation(
                "showMailHTML", "One captured mail as its reader sees it", tag: Self.tag, isPage: true,
                answers: [.media(200, "text/html", "The mail's HTML"), .problem(.notFound)])
        ) { request in
            let mail = try await find(request)
            var response = Response.page(mail.html)
            // Mails carry their styles with them; scripts stay off.
            response.set(
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
            return response
        }
    }

    /// Mails are captured in the background, a moment after what causes them was answered.
    private func waitForMails(
        _ query: MailboxQuery, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<Mail, NewestFirst> {
        let deadline = ContinuousClock.now + .seconds(query.seconds)
        while true {
            let page = try await mailbox.list(part, to: query.recipient)
            guard page.items.isEmpty, ContinuousClock.now < deadline, !Task.isCancelled else { return page }
            try? await Task.sleep(for: Self.lookAgain)
        }
    }

    private func find(_ request: Request) async throws -> Mail {
        guard let id = request.pathValues.first.flatMap({ NotificationID(text: $0) }),
            let mail = try await mailbox.find(id)
        else { throw Problem(.notFound) }
        return mail
    }
}

/// Which captured mails, and whether to wait for one.
struct MailboxQuery: ListQuery {
    static let unbound: Set = ["wait"]

    let page: PageQuery
    let recipient: String?
    /// How long to wait for the first mail, at most.
    let seconds: Int

    init(_ fields: inout Fields) {
        page = PageQuery(&fields)
        recipient = fields.optional("to", .text(3...254))
        seconds = fields.optional("wait", .integer(0...5)) ?? 0
    }
}

/// A captured mail.
struct MailAnswer: Output {
    let mail: Mail

    static let shape = Shape<MailAnswer>("CapturedMail") { shape in
        shape.member("id", .id) { $0.mail.id }
        shape.member("to", .email) { $0.mail.to }
        shape.member("subject", .text) { $0.mail.subject }
        shape.member("text", .text) { $0.mail.text }
        shape.member("html", .text) { $0.mail.html }
        shape.member("links", .list(of: .text)) { $0.mail.links }
        shape.member("created_at", .timestamp) { $0.mail.createdAt }
    }
}
