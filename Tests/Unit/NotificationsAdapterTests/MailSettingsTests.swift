import Assets
import Configuration
import NotificationsApplication
import NotificationsDomain
import Shared
import Templates
import Testing

@testable import NotificationsInfrastructure

@Suite("What an operator sets about mail")
struct MailSettingsTests {
    private func settings(_ values: [String: String]) -> (NotificationsSettings, [String]) {
        var reader = SettingsReader(values: values.merging(["MAIL_FROM": "a@example.com"]) { given, _ in given }) { _ in
            ""
        }
        let settings = NotificationsSettings(&reader, appName: "Gapura")
        return (settings, reader.failures.map { "\($0)" })
    }

    @Test("each server has settings of its own, in order")
    func servers() {
        let (settings, problems) = settings([
            "SMTP_HOST": "a.example.com", "SMTP_2_HOST": "b.example.com", "SMTP_2_TLS": "tls",
            "SMTP_2_USER": "gapura", "SMTP_2_PASSWORD": "secret", "SMTP_3_HOST": "::1", "SMTP_3_PORT": "2525",
        ])
        #expect(problems.isEmpty)
        #expect(MailWiring.names(settings.smtp) == ["a.example.com:587", "b.example.com:465", "[::1]:2525"])
        #expect(
            MailWiring.names([settings.smtp[0], settings.smtp[0]]) == ["a.example.com:587", "a.example.com:587 (2)"])
    }

    @Test("a server whose predecessor is missing is refused", arguments: ["SMTP_2_HOST", "SMTP_3_HOST"])
    func gap(_ name: String) {
        let (_, problems) = settings([name: "b.example.com"])
        #expect(problems.contains { $0.contains(name) && $0.contains("servers are tried in order") })
    }

    @Test("limits have defaults, and those of security mails are the higher ones")
    func limits() {
        let (standard, _) = settings([:])
        #expect(standard.limits.others == MailLimits.Limit(perAddress: 20, perTemplate: 10))
        #expect(standard.limits.security == MailLimits.Limit(perAddress: 60, perTemplate: 30))
        let (own, problems) = settings(["MAIL_PER_ADDRESS": "5", "MAIL_SECURITY_PER_TEMPLATE": "7"])
        #expect(problems.isEmpty)
        #expect(own.limits.others.perAddress == 5)
        #expect(own.limits.security.perTemplate == 7)
    }

    @Test("every template can be shown with made-up values", arguments: NotificationTemplate.allCases)
    func preview(_ template: NotificationTemplate) throws {
        let catalog = TemplateCatalog(appName: "Gapura") { Assets.text("templates/\($0)") }
        let preview = TemplatePreview(
            composer: TemplateMailComposer(catalog: catalog), appName: "Gapura", appURL: "https://gapura.test")
        for locale in ["en", "id", "ru"] {
            let mail = try preview(template, locale: locale)
            #expect(!mail.subject.isEmpty && !(mail.text + mail.html).contains("{{"))
        }
    }
}
