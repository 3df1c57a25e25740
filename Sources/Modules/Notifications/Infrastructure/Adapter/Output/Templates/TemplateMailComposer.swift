import NotificationsApplication
import NotificationsDomain
import Shared
import Templates

/// Mails from `templates/email/<locale>/<name>.{subject,txt,html}.mustache`.
struct TemplateMailComposer: MailComposer {
    let catalog: TemplateCatalog

    private static let fallbackLocale = "en"

    func compose(
        _ template: NotificationTemplate, locale: String, values: [String: String]
    ) throws -> ComposedMail {
        let values = TemplateValues(values.mapValues { .text($0) })
        func render(_ part: String, _ format: TemplateFormat) throws -> String {
            let name = "\(template.rawValue).\(part).mustache"
            let localized = "email/\(locale)/\(name)"
            let path = catalog.exists(localized) ? localized : "email/\(Self.fallbackLocale)/\(name)"
            return try catalog.render(path, format: format, values)
        }
        // A subject is one line, whatever its template's file ends in.
        let subject = try render("subject", .text).split(whereSeparator: \.isNewline).joined(separator: " ")
        return ComposedMail(
            subject: subject, text: try render("txt", .text), html: try render("html", .html))
    }
}
