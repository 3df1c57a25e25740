import NotificationsApplication
import NotificationsDomain
import Shared

/// A template with made-up values, as its reader would have it.
struct TemplatePreview: Sendable {
    let composer: TemplateMailComposer
    let appName: String
    /// Where the made-up links lead.
    let appURL: String

    func callAsFunction(_ template: NotificationTemplate, locale: String) throws -> ComposedMail {
        try composer.compose(template, locale: locale, values: values)
    }

    private var values: [String: MailValue] {
        [
            "app_name": .text(appName), "email": .text("ana@example.com"), "code": .text("012345"),
            "link": .text("\(appURL)/preview?token=preview"), "expires_in": .span(TimeSpan(.seconds(86_400))),
            "webhook": .text("Billing"), "host": .text("hooks.example.com"), "plan": .text("free"),
            "provider": .text("Google"),
            "service": .text(appName), "used": .text("80"), "left": .text("9"), "limit": .text("100"),
            "until": .text("2026-12-01 00:00 UTC"), "time": .text("2026-11-30 09:30 UTC"),
            "unsubscribe": .text("\(appURL)/unsubscribe?token=preview"),
        ]
    }
}
