import Shared
import Synchronization

/// The templates of an installation, by path below `templates/`; each is read and checked once.
package final class TemplateCatalog: Sendable {
    package let appName: String
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

    /// A template in a frame around it, which includes it as `{{> content}}`.
    ///
    /// - Parameters:
    ///   - name: of the page, `pages/<name>.html.mustache`; a language can be a part of it.
    ///   - parts: what page and frame share, `pages/<part>.html.mustache`, by name.
    /// - Throws: `TemplateError` if a value is missing, `InternalFailure` if there is no such template.
    package func render(
        _ name: String, inFrame frame: String, parts: [String], _ values: TemplateValues
    ) throws -> String {
        let template = try template("pages/\(frame).html.mustache#framed/\(name)", format: .html) {
            var partials = ["content": try self.text("pages/\(name).html.mustache")]
            for part in parts { partials[part] = try self.text("pages/\(part).html.mustache") }
            return partials
        }
        var values = values
        values["app_name"] = .text(appName)
        return try template.render(values)
    }

    /// The text of a file of an installation's templates.
    ///
    /// - Throws: `InternalFailure` if there is none.
    package func source(of path: String) throws -> String { try text(path) }

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
