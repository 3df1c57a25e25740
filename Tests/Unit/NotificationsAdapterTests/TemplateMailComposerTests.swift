import Assets
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared
import Templates
import TestSupport
import Testing

@testable import NotificationsInfrastructure

@Suite("Mails from templates")
struct TemplateMailComposerTests {
    private static let templates = TemplateCatalog(appName: "Gapura") { Assets.text("templates/\($0)") }

    private let values: [String: MailValue] = [
        "app_name": .text("Gap & ura"), "email": .text("o'neil&co@example.com"),
        "link": .text("https://gapura.test/verify?token=a.b"), "expires_in": .span(TimeSpan(.seconds(86_400))),
        "plan": .text("free"), "service": .text("cvmaker"), "used": .text("83"), "limit": .text("100"),
        "until": .text("2026-12-01 00:00 UTC"),
        "time": .text("2026-11-30 09:30 UTC"), "unsubscribe": .text("https://gapura.test/unsubscribe?token=a.b"),
        "code": .text("012345"), "left": .text("9"), "provider": .text("Google"), "webhook": .text("Billing & more"),
        "host": .text("hooks.example.com:8443"),
    ]

    /// What a value is in a mail's text.
    private func words(_ name: String, _ locale: String) -> String {
        switch values[name] {
        case .text(let text): text
        case .span: ["en": "24 hours", "id": "24 jam", "ru": "24 \u{447}\u{430}\u{441}\u{430}"][locale] ?? "nothing"
        case nil: "nothing"
        }
    }

    @Test(
        "every shipped template has its three parts in every language, with nothing left over",
        arguments: NotificationTemplate.allCases, ["en", "id", "ru"])
    func shipped(_ template: NotificationTemplate, _ locale: String) throws {
        for part in ["subject", "txt", "html"] {
            let path = "email/\(locale)/\(template.rawValue).\(part).mustache"
            #expect(Self.templates.exists(path), "\(path)")
        }
        let mail = try TemplateMailComposer(catalog: Self.templates)
            .compose(template, locale: locale, values: values)
        #expect(mail.subject.contains("Gap & ura"))
        #expect(mail.text.contains("\n\nGap & ura\n") || mail.text.contains("o'neil&co@example.com"))
        for said in Self.said(by: template) {
            #expect(
                mail.text.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(words(said, locale)),
                "\(said)")
        }
        #expect(
            mail.text.contains("\nhttps://gapura.test/verify?token=a.b\n") == Self.said(by: template).contains("link"))
        #expect(!(mail.subject + mail.text + mail.html).contains("{{"))
        #expect(!mail.subject.contains("012345"))
    }

    @Test("a mail is in its reader's language")
    func languages() throws {
        let composer = TemplateMailComposer(catalog: Self.templates)
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
        case .verifyEmail, .resetPassword, .emailChange, .emailChanged, .reactivate, .mfaResetRequested:
            ["email", "link", "expires_in"]
        case .recoveryCodeUsed: ["email", "left"]
        case .signInCode: ["code", "link", "expires_in"]
        case .webhookDisabled: ["webhook", "host", "unsubscribe"]
        case .newDevice: ["email", "time"]
        case .identityLinked, .identityUnlinked: ["email", "provider"]
        case .welcome: ["email", "unsubscribe"]
        case .quotaThreshold, .quotaExhausted: ["used", "limit", "plan", "service", "until", "unsubscribe"]
        case .emailChangeNotice, .passwordChanged, .alreadyRegistered, .accountLocked, .sessionEnded, .mfaEnabled,
            .mfaDisabled, .mfaLocked, .recoveryCodesMade, .mfaReset, .passkeyAdded, .passkeyRemoved,
            .passkeySuspended, .apiKeyCreated,
            .apiKeyChanged, .apiKeyRevoked, .apiKeyServices:
            ["email"]
        }
    }

    @Test("values are escaped in HTML, and only there")
    func escaping() throws {
        var values = values
        values["app_name"] = .text("<b>A</b>")
        let mail = try TemplateMailComposer(catalog: Self.templates)
            .compose(.verifyEmail, locale: "en", values: values)
        #expect(mail.text.contains("<b>A</b>"))
        #expect(!mail.html.contains("<b>A</b>"))
        #expect(mail.html.contains("&lt;b&gt;A&lt;"))
    }

    @Test("a subject is one line, whatever the values are")
    func oneLine() throws {
        var values = values
        values["app_name"] = .text("A\r\nBcc: all@example.com\nB")
        let mail = try TemplateMailComposer(catalog: Self.templates)
            .compose(.verifyEmail, locale: "en", values: values)
        #expect(mail.subject == "Verify your address for A Bcc: all@example.com B")
    }

    @Test("the text part that is mailed has exactly the link as its only address")
    func links() throws {
        let words = try TemplateMailComposer(catalog: Self.templates)
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

    @Test(
        "a span has the words of its language",
        arguments: [
            ("en", 3_600, "1 hour"), ("en", 7_200, "2 hours"), ("en", 600, "10 minutes"), ("en", 259_200, "3 days"),
            ("id", 3_600, "1 jam"), ("id", 600, "10 menit"), ("id", 604_800, "7 hari"),
            ("ru", 3_600, "1 \u{447}\u{430}\u{441}"), ("ru", 7_200, "2 \u{447}\u{430}\u{441}\u{430}"),
            ("ru", 18_000, "5 \u{447}\u{430}\u{441}\u{43E}\u{432}"),
            ("ru", 75_600, "21 \u{447}\u{430}\u{441}"),
            ("ru", 60, "1 \u{43C}\u{438}\u{43D}\u{443}\u{442}\u{443}"),
            ("ru", 180, "3 \u{43C}\u{438}\u{43D}\u{443}\u{442}\u{44B}"),
            ("ru", 660, "11 \u{43C}\u{438}\u{43D}\u{443}\u{442}"),
            ("ru", 1_814_400, "21 \u{434}\u{435}\u{43D}\u{44C}"),
            ("ru", 259_200, "3 \u{434}\u{43D}\u{44F}"), ("ru", 604_800, "7 \u{434}\u{43D}\u{435}\u{439}"),
            ("ru-RU", 3_600, "1 \u{447}\u{430}\u{441}"), ("de", 7_200, "2 hours"), ("../../x", 7_200, "2 hours"),
        ])
    func spans(_ locale: String, _ seconds: Int, _ words: String) throws {
        let catalog = TemplateCatalog(appName: "Gapura") { path in
            path.hasSuffix("/verify_email.txt.mustache") ? "{{expires_in}}." : Assets.text("templates/\(path)")
        }
        var values = values
        values["expires_in"] = .span(TimeSpan(.seconds(seconds)))
        // An operator's template in a language without words for spans says them in English.
        let mail = try TemplateMailComposer(catalog: catalog).compose(.verifyEmail, locale: locale, values: values)
        #expect(mail.text == "\(words).")
    }

    @Test("a locale that is no language tag names no file", arguments: ["../en", "en/..", "", "-", "e n", "en\0"])
    func hostileLocale(_ locale: String) throws {
        let asked = Recorder<String>()
        let catalog = TemplateCatalog(appName: "Gapura") { path in
            asked.add(path)
            return Assets.text("templates/\(path)")
        }
        _ = try TemplateMailComposer(catalog: catalog).compose(.verifyEmail, locale: locale, values: values)
        #expect(asked.all.allSatisfy { $0.hasPrefix("email/en/") || $0 == "span/en.txt.mustache" })
    }

    @Test("a value that a template needs and nobody gave is a failure, not a hole")
    func missingValue() {
        var values = values
        values["link"] = nil
        #expect(throws: TemplateError.self) {
            try TemplateMailComposer(catalog: Self.templates)
                .compose(.verifyEmail, locale: "en", values: values)
        }
    }
}
