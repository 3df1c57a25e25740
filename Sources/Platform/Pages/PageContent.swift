import Shared
import Templates

/// What one page shows: its template with its words, its values, its fields.
package struct PageContent: Sendable {
    /// Who is signed in, as the frame tells it.
    package struct Reader: Sendable, Equatable {
        package let email: String
        /// The language of the account.
        package let locale: String

        package init(email: String, locale: String) {
            self.email = email
            self.locale = locale
        }
    }

    /// How wide a page is.
    package enum Shape: String, Sendable {
        /// One form or one message.
        case narrow
        /// Beside the list of a person's own pages.
        case columns
        case wide
    }

    /// Of its words, and of its template unless another is named.
    package let name: String
    package let template: String
    package let shape: Shape
    /// Instead of the word `title`.
    package var title: String?
    package var values: TemplateValues
    package let fields: [PageField]
    /// Nil on pages before signing in.
    package let reader: Reader?
    /// The form that comes back, or an empty one.
    package let form: PageForm
    /// An origin to which a form of the page may lead, beside our own.
    package var formOrigin: String?

    package init(
        _ name: String, _ values: TemplateValues = [:], template: String? = nil, fields: [PageField] = [],
        form: PageForm = .empty, reader: Reader? = nil, shape: Shape = .narrow
    ) {
        self.name = name
        self.template = template ?? name
        self.shape = shape
        self.values = values
        self.fields = fields
        self.form = form
        self.reader = reader
    }

    /// A page that says something, with the words `text`, `more` and `next`.
    ///
    /// - Parameter next: where the button leads, if there is one.
    package static func message(
        _ name: String, _ values: TemplateValues = [:], next: String = "", more: String = ""
    ) -> PageContent {
        var values = values
        values["next_href"] = .text(next)
        values["more"] = .text(more)
        return PageContent(name, values, template: "message")
    }

    /// A page with one button that posts the token of a mailed link, with the words `text` and `button`.
    package static func confirm(
        _ name: String, _ action: String, token: String, _ values: TemplateValues, form: PageForm
    ) -> PageContent {
        var values = values
        values["action"] = .text(action)
        values["token"] = .text(token)
        return PageContent(name, values, template: "confirm", form: form)
    }
}
