import Assets
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared
import Templates
import Testing

@testable import NotificationsInfrastructure

@Suite("Mails from templates")
struct TemplateMailComposerTests {
    private let values = [
        "app_name": "Gap & ura", "email": "o'neil&co@example.com", "link": "https://gapura.test/verify?token=a.b",
        "expires_in": "24 hours", "code": "012345",
    ]

    @Test(
        "every shipped template has its three parts in every language, with nothing left over",
        arguments: NotificationTemplate.allCases, ["en", "id", "ru"])
    func shipped(_ template: NotificationTemplate, _ locale: String) throws {
        for part in ["subject", "txt", "html"] {
            let path = "email/\(locale)/\(template.rawValue).\(part).mustache"
            #expect(NotificationsHouse.templates.exists(path), "\(path)")
        }
        let mail = try TemplateMailComposer(catalog: NotificationsHouse.templates)
            .compose(template, locale: locale, values: values)
        #expect(mail.subject.contains("Gap & ura"))
        #expect(mail.text.hasSuffix("Gap & ura\n") || mail.text.contains("o'neil&co@example.com"))
        for said in Self.said(by: template) {
            #expect(mail.text.contains(values[said] ?? "nothing"), "\(said)")
        }
        #expect(
            mail.text.contains("\nhttps://gapura.test/verify?token=a.b\n") == Self.said(by: template).contains("link"))
        #expect(!(mail.subject + mail.text + mail.html).contains("{{"))
        #expect(!mail.subject.contains("012345"))
    }

    @Test("a mail is in its reader's language")
    func languages() throws {
        let composer = TemplateMailComposer(catalog: NotificationsHouse.templates)
        for template in NotificationTemplate.allCases {
            let subjects = try ["en", "id", "ru"].map {
                try composer.compose(template, locale: $0, values: values).subject
            }
            #expect(Set(subjects).count == 3)
            #expect(subjects[2].unicodeScalars.contains { ("\u{0400}"..."\u{04FF}").contains($0) })
        }
    }

    private static func said(by template: NotificationTemplate) -> [String] {
        switch template {
        case .verifyEmail, .resetPassword, .emailChange: ["email", "link", "expires_in"]
        case .loginCode: ["code", "link", "expires_in"]
        case .emailChangeNotice, .passwordChanged, .accountLocked: ["email"]
        }
    }

    @Test("values are escaped in HTML, and only there")
    func escaping() throws {
        var values = values
        values["app_name"] = "<b>A</b>"
        let mail = try TemplateMailComposer(catalog: NotificationsHouse.templates)
            .compose(.verifyEmail, locale: "en", values: values)
        #expect(mail.text.contains("<b>A</b>"))
        #expect(!mail.html.contains("<b>A</b>"))
        #expect(mail.html.contains("&lt;b&gt;A&lt;"))
    }

    @Test("a subject is one line, whatever the values are")
    func oneLine() throws {
        var values = values
        values["app_name"] = "A\r\nBcc: all@example.com\nB"
        let mail = try TemplateMailComposer(catalog: NotificationsHouse.templates)
            .compose(.verifyEmail, locale: "en", values: values)
        #expect(mail.subject == "Verify your address for A Bcc: all@example.com B")
    }

    @Test("the text part that is mailed has exactly the link as its only address")
    func links() throws {
        let words = try TemplateMailComposer(catalog: NotificationsHouse.templates)
            .compose(.verifyEmail, locale: "en", values: values)
        let mail = Mail(
            id: .init(Identifier(high: 0, low: 1)), to: EmailAddress("ana@example.com")!, subject: words.subject,
            text: words.text, html: words.html, createdAt: Timestamp(seconds: 0))
        #expect(mail.links == ["https://gapura.test/verify?token=a.b"])
    }

    @Test("an operator's file replaces the shipped one, part by part")
    func override() throws {
        let catalog = TemplateCatalog(appName: "Gapura") { path in
            path == "email/en/verify_email.subject.mustache"
                ? "Our own: {{app_name}}\n" : Assets.text("templates/\(path)")
        }
        let mail = try TemplateMailComposer(catalog: catalog).compose(.verifyEmail, locale: "en", values: values)
        #expect(mail.subject == "Our own: Gap & ura")
        #expect(mail.text.contains("24 hours"))
    }

    @Test("a locale has its own templates, and English stands in for what it lacks")
    func locales() throws {
        let catalog = TemplateCatalog(appName: "Gapura") { path in
            path == "email/de/verify_email.txt.mustache" ? "Hallo {{email}}" : Assets.text("templates/\(path)")
        }
        let composer = TemplateMailComposer(catalog: catalog)
        let german = try composer.compose(.verifyEmail, locale: "de", values: values)
        #expect(german.text == "Hallo o'neil&co@example.com")
        #expect(german.subject == "Verify your address for Gap & ura")
        let unknown = try composer.compose(.verifyEmail, locale: "xx", values: values)
        #expect(unknown == (try composer.compose(.verifyEmail, locale: "en", values: values)))
    }

    @Test("a value that a template needs and nobody gave is a failure, not a hole")
    func missingValue() {
        var values = values
        values["link"] = nil
        #expect(throws: TemplateError.self) {
            try TemplateMailComposer(catalog: NotificationsHouse.templates)
                .compose(.verifyEmail, locale: "en", values: values)
        }
    }
}
