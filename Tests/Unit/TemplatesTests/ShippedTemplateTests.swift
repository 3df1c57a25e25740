import Assets
import Templates
import Testing

/// The templates that are part of the program, with the values that their callers give them.
@Suite("The shipped templates")
struct ShippedTemplateTests {
    struct Page: Sendable, CustomTestStringConvertible {
        let name: String
        let values: TemplateValues
        /// What a person must find on it.
        let shows: [String]

        var testDescription: String { name }
    }

    static let pages: [Page] = [
        Page(
            name: "verify",
            values: [
                "email": "ani@example.com", "created_at": "21 November 2026, 09:30 UTC", "created_from": "203.0.113.7",
                "token": "secret-token", "asks_password": false, "password_error": false,
            ],
            shows: [
                "ani@example.com", "21 November 2026", "203.0.113.7", "action=\"/verify\"",
                "action=\"/verify/decline\"", "Verify this address", "This was not me: delete the account",
                "name=\"token\" value=\"secret-token\"",
            ]),
        Page(
            name: "verify",
            values: [
                "email": "ani@example.com", "created_at": "21 November 2026, 09:30 UTC", "created_from": "203.0.113.7",
                "token": "secret-token", "asks_password": true, "password_error": .nested(weak("missing")),
            ],
            shows: [
                "action=\"/verify\"", "autocomplete=\"new-password\"", "minlength=\"8\"", "Choose a password.",
                "aria-invalid=\"true\"", "aria-describedby=\"password-hint password-error\"",
            ]),
        Page(
            name: "reactivate", values: ["email": "ani@example.com", "token": "secret-token"],
            shows: [
                "ani@example.com", "action=\"/reactivate\"", "name=\"token\" value=\"secret-token\"",
                "name=\"erase\" value=\"true\"", "Reactivate the account", "Delete the account for good",
            ]),
        Page(name: "reactivated", values: ["email": "ani@example.com"], shows: ["ani@example.com</strong> is active"]),
        Page(name: "erased", values: ["email": "ani@example.com"], shows: ["ani@example.com</strong> is deleted"]),
        Page(name: "verified", values: ["email": "ani@example.com"], shows: ["ani@example.com</strong> is verified"]),
        Page(name: "declined", values: ["email": "ani@example.com"], shows: ["ani@example.com</strong> is deleted"]),
        Page(name: "problem", values: problem(nil), shows: ["Something is wrong."]),
        Page(name: "problem", values: problem("token_expired"), shows: ["This link has expired. Ask for a new one."]),
        Page(
            name: "problem", values: problem("invalid_unsubscribe_link"),
            shows: ["The link is not complete. Open it again from the mail."]),
        Page(
            name: "unsubscribe", values: ending("usage"),
            shows: [
                "stop mails about how much of your quota is used?", "action=\"/unsubscribe?token=secret-token\"",
                "name=\"List-Unsubscribe\" value=\"One-Click\"",
            ]),
        Page(
            name: "unsubscribed", values: ending("webhooks"),
            shows: ["You no longer get mails about your webhooks.", "still arrive"]),
        Page(name: "link_used", values: [:], shows: ["This link was used a moment ago."]),
        Page(
            name: "administrator",
            values: [
                "email": "nobody", "is_named": false, "token": "secret-token",
                "password_error": .nested(weak("common")),
                "email_error": .nested(["invalid": true, "missing": false]),
            ],
            shows: [
                "action=\"/administrator/accept\"", "value=\"secret-token\"", "autocomplete=\"new-password\"",
                "minlength=\"8\"", "value=\"nobody\"", "This is not a valid e-mail address.",
                "one of the first that attackers try", "aria-describedby=\"email-error\"",
            ]),
        Page(
            name: "administrator_done", values: ["email": "ani@example.com"],
            shows: ["ani@example.com</strong> is now the administrator"]),
        Page(
            name: "new_password",
            values: [
                "email": "ani@example.com", "token": "secret-token", "password_error": .nested(weak("too_short")),
            ],
            shows: [
                "action=\"/new-password\"", "name=\"token\" value=\"secret-token\"", "ani@example.com</strong>",
                "autocomplete=\"new-password\"", "minlength=\"8\"", "it needs at least 8 characters",
            ]),
        Page(
            name: "password_changed", values: ["email": "ani@example.com"],
            shows: ["ani@example.com</strong> is changed"]),
        Page(
            name: "login_link", values: ["email": "ani@example.com", "token": "secret-token"],
            shows: [
                "action=\"/login/link\"", "name=\"token\" value=\"secret-token\"", "ani@example.com</strong>",
            ]),
        Page(
            name: "logged_in", values: ["email": "ani@example.com"],
            shows: ["You are signed in as <strong>ani@example.com"]),
        Page(
            name: "change_email", values: ["email": "ani@example.com", "token": "secret-token"],
            shows: [
                "action=\"/change-email/confirm\"", "name=\"token\" value=\"secret-token\"",
                "ani@example.com</strong>",
            ]),
        Page(
            name: "email_changed", values: ["email": "ani@example.com"],
            shows: ["<strong>ani@example.com</strong> now"]),
        Page(
            name: "undo_email_change", values: ["email": "ani@example.com", "token": "secret-token"],
            shows: [
                "action=\"/change-email/undo\"", "name=\"token\" value=\"secret-token\"",
                "ani@example.com</strong>",
            ]),
        Page(
            name: "email_change_undone", values: ["email": "ani@example.com", "mailed": true],
            shows: ["<strong>ani@example.com</strong> is the address", "a link to choose a new password"]),
        Page(
            name: "mailbox",
            values: [
                "has_mails": true, "next_cursor": "c1",
                "mails": .list([
                    ["id": "m1", "to": "ani@example.com", "subject": "Hello", "time": "2026-11-21T09:30:00.123Z"],
                    ["id": "m2", "to": "budi@example.com", "subject": "Bye", "time": "2026-11-21T09:31:00.123Z"],
                ]),
            ],
            shows: ["href=\"/dev/mailbox/m1\"", "Hello", "href=\"/dev/mailbox/m2\"", "budi@example.com", "cursor=c1"]),
        Page(
            name: "mail",
            values: [
                "id": "m1", "from": "Gapura <no-reply@localhost>", "to": "ani@example.com",
                "time": "2026-11-21T09:30:00.123Z", "text": "Dear Ani\n\nHello", "has_links": true,
                "links": .list([["url": "http://localhost:8080/verify?token=t"]]), "has_html": true,
            ],
            shows: [
                "Gapura &lt;no-reply@localhost&gt;", "href=\"http://localhost:8080/verify?token=t\"",
                "<pre>Dear Ani\n\nHello</pre>", "href=\"/dev/mailbox/m1/html\"",
            ]),
        Page(
            name: "identity_sandbox",
            values: [
                "is_used": true, "issuer": "http://localhost:8080/dev/identity", "client_id": "gapura",
                "client_secret": "none", "has_planned": true,
                "people": .list([["name": "Ana Wijaya", "email": "ana@example.com", "note": "Proved"]]),
                "planned": .list([["kind": "nonce", "times": "2"]]),
            ],
            shows: ["Ana Wijaya", "ana@example.com", "<code>nonce</code>, 2 times", "no provider is set"]),
        Page(
            name: "identity_choice",
            values: [
                "path": "/dev/identity/authorize", "chosen": "dewi", "chosen_address": "dewi@example.com",
                "refusal": "/dev/identity/authorize?person=nobody",
                "people": .list([
                    ["name": "Ana Wijaya", "email": "ana@example.com", "note": "Proved", "link": "/a?person=ana&b=c"]
                ]),
                "fields": .list([["name": "state", "value": "s"]]),
            ],
            shows: [
                "href=\"/a?person=ana&amp;b=c\"", "name=\"person\" value=\"dewi\"", "value=\"dewi@example.com\"",
                "person=nobody",
            ]),
    ]

    private static func weak(_ reason: String) -> TemplateValues {
        let reasons = ["too_short", "too_long", "same_as_address", "common", "missing"]
        return TemplateValues(Dictionary(uniqueKeysWithValues: reasons.map { ($0, .flag($0 == reason)) }))
    }

    private static func ending(_ kind: String) -> TemplateValues {
        let kinds = ["security", "usage", "webhooks", "getting_started"]
        var values = TemplateValues(Dictionary(uniqueKeysWithValues: kinds.map { ($0, .flag($0 == kind)) }))
        values["token"] = "secret-token"
        return values
    }

    private static func problem(_ code: String?) -> TemplateValues {
        let codes = [
            "invalid_token", "token_expired", "too_many_attempts", "email_taken", "origin_not_allowed",
            "invalid_unsubscribe_link",
        ]
        var values = TemplateValues(Dictionary(uniqueKeysWithValues: codes.map { ($0, .flag($0 == code)) }))
        values["is_known"] = .flag(code != nil)
        values["problem"] = "A problem"
        values["message"] = "Something is wrong."
        return values
    }

    /// Those of developers are in English only.
    private static let forDevelopers: Set<String> = ["mailbox", "mail", "identity_sandbox", "identity_choice"]

    private func render(_ page: Page, in locale: String = "en", title: String = "A title") throws -> String {
        let layout = try #require(Assets.text("templates/pages/layout.html.mustache"))
        let name = Self.forDevelopers.contains(page.name) ? page.name : "\(locale)/\(page.name)"
        let content = try #require(Assets.text("templates/pages/\(name).html.mustache"))
        let field = try #require(Assets.text("templates/pages/\(locale)/password_field.html.mustache"))
        var values = page.values
        values["app_name"] = "Gapura"
        values["title"] = .text(title)
        values["locale"] = .text(locale)
        return try Template(layout, name: page.name, partials: ["content": content, "password_field": field])
            .render(values)
    }

    @Test("a page has the same forms, fields and errors in every language, and a title", arguments: pages)
    func pageLanguages(page: Page) throws {
        guard !Self.forDevelopers.contains(page.name) else { return }
        func skeleton(_ html: String) -> [String] {
            html.split(separator: "<").compactMap { $0.split(separator: ">").first.map(String.init) }
                .filter { !$0.hasPrefix("html") && !$0.hasPrefix("title") && !$0.hasPrefix("/title") }
        }
        let english = try render(page)
        for locale in ["id", "ru"] {
            let html = try render(page, in: locale)
            #expect(html.contains("<html lang=\"\(locale)\">"))
            #expect(skeleton(html) == skeleton(english), "\(locale)")
            if page.name != "problem" { #expect(html != english) }
        }
        for locale in ["en", "id", "ru"] {
            let title = try #require(Assets.text("templates/pages/\(locale)/\(page.name).title.mustache"))
            #expect(try !Template(title, name: page.name, format: .text).render(page.values).isEmpty)
        }
    }

    @Test("a page stands in the frame and shows what it is for", arguments: pages)
    func page(page: Page) throws {
        let html = try render(page)
        #expect(html.hasPrefix("<!doctype html>\n"))
        #expect(html.contains("<title>A title - Gapura</title>"))
        #expect(html.contains("<h1>A title</h1>"))
        for text in page.shows { #expect(html.contains(text), "\(text)") }
    }

    @Test("a page needs no script and no style of its own, which its policy forbids", arguments: pages)
    func policy(page: Page) throws {
        let html = try render(page)
        for forbidden in ["<script", "<style", " style=", " onclick=", "javascript:", "<img"] {
            #expect(!html.contains(forbidden), "\(forbidden)")
        }
    }

    @Test("a page with hostile values has no element and no attribute more", arguments: pages)
    func hostileValues(page: Page) throws {
        func hostile(_ value: TemplateValues.Value) -> TemplateValues.Value {
            switch value {
            case .text(let text): text.isEmpty ? value : "\"'><b x='"
            case .flag: value
            case .nested(let values): .nested(hostile(values))
            case .list(let items): .list(items.map(hostile))
            }
        }
        func hostile(_ values: TemplateValues) -> TemplateValues {
            TemplateValues(values.members.mapValues(hostile))
        }
        let plain = try render(page)
        let html = try render(Page(name: page.name, values: hostile(page.values), shows: []))
        #expect(!html.contains("<b x"))
        for mark: Character in ["<", ">", "\"", "'"] {
            #expect(html.filter { $0 == mark }.count == plain.filter { $0 == mark }.count, "\(mark)")
        }
    }

    @Test("every page has a test here")
    func allPages() {
        let shared = ["layout", "password_field"]
        let names = Assets.paths(under: "templates/pages/").filter { path in
            path.hasSuffix(".html.mustache") && !shared.contains { path.hasSuffix("/\($0).html.mustache") }
        }
        let expected = Self.pages.flatMap { page in
            Self.forDevelopers.contains(page.name)
                ? [page.name] : ["en", "id", "ru"].map { "\($0)/\(page.name)" }
        }
        #expect(Set(names) == Set(expected.map { "templates/pages/\($0).html.mustache" }))
    }

    @Test("the verification mail has the link, the address and how long it works, in text and in HTML")
    func verificationMail() throws {
        let values: TemplateValues = [
            "app_name": "Toko & Co", "email": "ani@example.com", "expires_in": "24 hours",
            "link": "https://example.com/verify?token=a&b",
        ]
        func render(_ part: String, as format: TemplateFormat) throws -> String {
            let source = try #require(Assets.text("templates/email/en/verify_email.\(part).mustache"))
            return try Template(source, name: part, format: format).render(values)
        }
        #expect(try render("subject", as: .text) == "Verify your address for Toko & Co\n")
        let text = try render("txt", as: .text)
        #expect(text.contains("\nhttps://example.com/verify?token=a&b\n"))
        #expect(text.contains("ani@example.com") && text.contains("24 hours"))
        let html = try render("html", as: .html)
        #expect(html.contains("href=\"https://example.com/verify?token=a&amp;b\""))
        #expect(html.contains("ani@example.com") && html.contains("24 hours") && html.contains("Toko &amp; Co"))
        #expect(!html.contains("<img") && !html.contains("src="))
    }

    @Test("every mail is there in every language, with the same values in each of them")
    func languages() throws {
        let english = Set(names(of: "en"))
        #expect(!english.isEmpty)
        for locale in ["id", "ru"] {
            #expect(Set(names(of: locale)) == english, "\(locale)")
            for name in english.sorted() {
                let values = try tags("en", name)
                #expect(try tags(locale, name) == values, "\(locale) \(name)")
            }
        }
    }

    @Test("a mail loads nothing from anywhere, so that nobody learns that it was opened")
    func noTrackers() throws {
        for path in Assets.paths(under: "templates/email/") {
            let text = try #require(Assets.text(path))
            for forbidden in ["<img", "src=", "<script", "<link", "url(", "http://", "https://"] {
                #expect(!text.contains(forbidden), "\(path)")
            }
        }
    }

    /// `verify_email.txt.mustache` and so on.
    private func names(of locale: String) -> [String] {
        let folder = "templates/email/\(locale)/"
        return Assets.paths(under: folder).map { String($0.dropFirst(folder.count)) }
    }

    private func tags(_ locale: String, _ name: String) throws -> Set<String> {
        let text = try #require(Assets.text("templates/email/\(locale)/\(name)"))
        return Set(
            text.split(separator: "{{").dropFirst().compactMap { $0.split(separator: "}}").first.map(String.init) })
    }
}
