import NotificationsApplication
import NotificationsDomain
import Shared
import Templates

/// Mails from `templates/email/<locale>/<name>.{subject,txt,html}.mustache`.
struct TemplateMailComposer: MailComposer {
    let catalog: TemplateCatalog

    private static let fallbackLocale = "en"

    func compose(
        _ template: NotificationTemplate, locale: String, values: [String: MailValue]
    ) throws -> ComposedMail {
        func render(_ part: String, _ format: TemplateFormat) throws -> String {
            let name = "\(template.rawValue).\(part).mustache"
            let found = Self.candidates(locale).first { catalog.exists("email/\($0)/\(name)") } ?? Self.fallbackLocale
            let values = TemplateValues(values.mapValues { Self.value($0, locale: found) })
            return try catalog.render("email/\(found)/\(name)", format: format, values)
        }
        // A subject is one line, whatever its template's file ends in.
        let subject = try render("subject", .text).split(whereSeparator: \.isNewline).joined(separator: " ")
        return ComposedMail(
            subject: subject, text: try render("txt", .text), html: try render("html", .html))
    }

    /// The locale, its language. A name that is no language tag would be a path.
    private static func candidates(_ locale: String) -> [String] {
        let isTag = locale.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "-") || (48...57).contains(byte) || (97...122).contains(byte | 0x20)
        }
        guard isTag, let language = locale.split(separator: "-").first else { return [] }
        return [locale, language.lowercased()]
    }

    /// A span has its number and, for the template's words, flags: `days`, `hours` or `minutes`, and the plural form
    /// of the template's language, `one`, `few`, `many` or `other`.
    private static func value(_ value: MailValue, locale: String) -> TemplateValues.Value {
        switch value {
        case .text(let text): return .text(text)
        case .span(let span):
            var members: [String: TemplateValues.Value] = ["count": .text("\(span.count)")]
            for unit in TimeSpan.Unit.allCases { members[unit.rawValue] = .flag(unit == span.unit) }
            let form = PluralForm.of(span.count, locale: locale)
            for known in PluralForm.allCases { members[known.rawValue] = .flag(known == form) }
            return .nested(TemplateValues(members))
        }
    }
}
