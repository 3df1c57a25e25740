import NotificationsApplication
import NotificationsDomain
import Shared
import Templates

/// Mails from `templates/email/<locale>/<name>.{subject,txt,html}.mustache`, with spans of time in the words of
/// `templates/span/<locale>.txt.mustache`.
struct TemplateMailComposer: MailComposer {
    let catalog: TemplateCatalog

    private static let fallbackLocale = "en"

    func compose(
        _ template: NotificationTemplate, locale: String, values: [String: MailValue]
    ) throws -> ComposedMail {
        func render(_ part: String, _ format: TemplateFormat) throws -> String {
            let name = "\(template.rawValue).\(part).mustache"
            // Where a part falls back, its words for spans do too.
            let found = self.locale(for: locale) { "email/\($0)/\(name)" }
            let values = try values.mapValues { try text($0, locale: found) }
            return try catalog.render("email/\(found)/\(name)", format: format, TemplateValues(values))
        }
        // A subject is one line, whatever its template's file ends in.
        return ComposedMail(
            subject: oneLine(try render("subject", .text)), text: try render("txt", .text),
            html: try render("html", .html))
    }

    private func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// The first that has such a file: the locale, its language, English.
    private func locale(for locale: String, _ path: (String) -> String) -> String {
        Self.candidates(locale).first { catalog.exists(path($0)) } ?? Self.fallbackLocale
    }

    /// The words of a span see its number and, as flags, `days`, `hours` or `minutes` and the plural form of their
    /// language: `one`, `few`, `many` or `other`.
    private func text(_ value: MailValue, locale: String) throws -> TemplateValues.Value {
        switch value {
        case .text(let text): return .text(text)
        case .span(let span):
            let found = self.locale(for: locale) { "span/\($0).txt.mustache" }
            var members: [String: TemplateValues.Value] = ["count": .text("\(span.count)")]
            for unit in TimeSpan.Unit.allCases { members[unit.rawValue] = .flag(unit == span.unit) }
            let form = PluralForm.of(span.count, locale: found)
            for known in PluralForm.allCases { members[known.rawValue] = .flag(known == form) }
            let words = try catalog.render("span/\(found).txt.mustache", format: .text, TemplateValues(members))
            return .text(oneLine(words))
        }
    }

    /// The locale, its language. A name that is no language tag would be a path.
    private static func candidates(_ locale: String) -> [String] {
        let isTag = locale.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "-") || (48...57).contains(byte) || (97...122).contains(byte | 0x20)
        }
        guard isTag, let language = locale.split(separator: "-").first else { return [] }
        return [locale, language.lowercased()]
    }
}
