import Shared
import Synchronization

/// The templates of an installation, by path below `templates/`; each is read and checked once.
package final class TemplateCatalog: Sendable {
    private let appName: String
    private let source: @Sendable (_ path: String) -> String?
    private let made = Mutex<[String: Template]>([:])

    /// - Parameters:
    ///   - appName: what people know the installation by; `{{app_name}}` of every page.
    ///   - source: the text of a template file, such as `pages/verify.html.mustache`; nil if there is none.
    package init(appName: String, source: @escaping @Sendable (_ path: String) -> String?) {
        self.appName = appName
        self.source = source
    }

    package func exists(_ path: String) -> Bool {
        made.withLock { $0[path] != nil } || source(path) != nil
    }

    /// - Parameter partials: paths of the templates that `{{> name}}` includes, by name; always the same for a path.
    /// - Throws: `TemplateError` if a value is missing, `InternalFailure` if there is no such template.
    package func render(
        _ path: String, format: TemplateFormat, partials: [String: String] = [:], _ values: TemplateValues
    ) throws -> String {
        try template(path, format: format) { try partials.mapValues { try self.text($0) } }.render(values)
    }

    /// A page of one language in the common frame, `pages/layout.html.mustache`.
    package func renderPage(_ name: String, title: String, _ values: TemplateValues) throws -> String {
        try renderFrame(name, title: title, locale: Self.fallbackLocale, values)
    }

    /// A page in the reader's language, `pages/<locale>/<name>.html.mustache`, in the common frame; in English if there
    /// is none. Its title stands beside it, in `<name>.title.mustache`.
    package func renderPage(_ name: String, locale: String, _ values: TemplateValues) throws -> String {
        let locale = exists("pages/\(locale)/\(name).html.mustache") ? locale : Self.fallbackLocale
        let title = try render("pages/\(locale)/\(name).title.mustache", format: .text, values)
        let line = title.split(whereSeparator: \.isNewline).joined(separator: " ")
        return try renderFrame("\(locale)/\(name)", title: line, locale: locale, values)
    }

    private static let fallbackLocale = "en"
    /// What pages of a language share.
    private static let sharedPart = "password_field"

    private func renderFrame(
        _ name: String, title: String, locale: String, _ values: TemplateValues
    ) throws -> String {
        var values = values
        values["title"] = .text(title)
        values["locale"] = .text(locale)
        values["app_name"] = .text(appName)
        let frame = try template("pages/layout.html.mustache#\(name)", format: .html) {
            var partials = ["content": try self.text("pages/\(name).html.mustache")]
            let shared = "pages/\(locale)/\(Self.sharedPart).html.mustache"
            if exists(shared) { partials[Self.sharedPart] = try self.text(shared) }
            return partials
        }
        return try frame.render(values)
    }

    private func template(
        _ key: String, format: TemplateFormat, partials: () throws -> [String: String]
    ) throws -> Template {
        if let template = made.withLock({ $0[key] }) { return template }
        let path = String(key.prefix { $0 != "#" })
        let template = try Template(try text(path), name: path, format: format, partials: try partials())
        made.withLock { $0[key] = template }
        return template
    }

    private func text(_ path: String) throws -> String {
        guard let text = source(path) else { throw InternalFailure("there is no template \(path)") }
        return text
    }
}
