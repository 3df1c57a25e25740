import NotificationsApplication
import NotificationsDomain
import Shared
import Synchronization
import Templates

/// Mails from `templates/email/<locale>/<name>.{subject,txt,html}.mustache`, with spans of time in the words of
/// `templates/span/<locale>.txt.mustache`.
struct TemplateMailComposer: MailComposer {
    let catalog: TemplateCatalog
    private let spans = SpanWords()

    init(catalog: TemplateCatalog) {
        self.catalog = catalog
    }

    private static let fallbackLocale = "en"

    func compose(
        _ template: NotificationTemplate, locale: String, values: [String: MailValue]
    ) throws -> ComposedMail {
        // Parts are nearly always there in the same locale.
        var filled: (locale: String, values: TemplateValues)?
        func render(_ part: String, _ format: TemplateFormat) throws -> String {
            let name = "\(template.rawValue).\(part).mustache"
            // Where a part falls back, its words for spans do too.
            let found = self.locale(for: locale) { "email/\($0)/\(name)" }
            let own: TemplateValues
            if let filled, filled.locale == found {
                own = filled.values
            } else {
                own = TemplateValues(try values.mapValues { try text($0, locale: found) })
                filled = (found, own)
            }
            return try catalog.render("email/\(found)/\(name)", format: format, own)
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
        case .span(let span): return .text(try spans.find(span, locale) { try words(for: span, locale: locale) })
        }
    }

    private func words(for span: TimeSpan, locale: String) throws -> String {
        let found = self.locale(for: locale) { "span/\($0).txt.mustache" }
        var members: [String: TemplateValues.Value] = ["count": .text("\(span.count)")]
        for unit in TimeSpan.Unit.allCases { members[unit.rawValue] = .flag(unit == span.unit) }
        let form = PluralForm.of(span.count, locale: found)
        for known in PluralForm.allCases { members[known.rawValue] = .flag(known == form) }
        return oneLine(try catalog.render("span/\(found).txt.mustache", format: .text, TemplateValues(members)))
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

/// Words for spans that were made before: the lives of links, of which an installation has a few.
private final class SpanWords: Sendable {
    private struct Key: Hashable {
        let count: Int
        let unit: TimeSpan.Unit
        let locale: String
    }

    private static let limit = 256
    private let known = Mutex<[Key: String]>([:])

    func find(_ span: TimeSpan, _ locale: String, _ make: () throws -> String) rethrows -> String {
        let key = Key(count: span.count, unit: span.unit, locale: locale)
        if let words = known.withLock({ $0[key] }) { return words }
        let words = try make()
        known.withLock { known in
            if known.count < Self.limit { known[key] = words }
        }
        return words
    }
}
