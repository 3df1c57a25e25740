import NotificationsDomain

/// Puts words around what a message says.
package protocol MailComposer: Sendable {
    /// - Parameters:
    ///   - locale: a language tag; falls back to its language, then to English.
    ///   - values: what the template's variables mean.
    func compose(_ template: NotificationTemplate, locale: String, values: [String: MailValue]) throws -> ComposedMail
}

/// What a template's variable means; the template has the words for it.
package enum MailValue: Sendable, Equatable {
    case text(String)
    case span(TimeSpan)
}

package struct ComposedMail: Sendable, Equatable {
    package let subject: String
    package let text: String
    package let html: String

    package init(subject: String, text: String, html: String) {
        self.subject = subject
        self.text = text
        self.html = html
    }
}
