/// A Mustache template (https://mustache.github.io/mustache.5.html) without lambdas, `{{{name}}}`, `{{& name}}` and
/// changed delimiters. `{{name}}` of a flag or a list prints nothing.
///
/// A frame around a page is a template with `{{> content}}`, made with that page as its partial.
package struct Template: Sendable {
    /// For error messages.
    package let name: String
    package let format: TemplateFormat
    private let mustache: Mustache

    /// - Parameters:
    ///   - source: the template.
    ///   - partials: what `{{> name}}` includes, by name; they may include each other, 8 deep.
    /// - Throws: if the template or a partial that it includes is malformed or has a tag that is not allowed.
    package init(
        _ source: String, name: String, format: TemplateFormat = .html, partials: [String: String] = [:]
    ) throws(TemplateError) {
        self.name = name
        self.format = format
        let expanded = try TemplateSource(template: name, partials: partials).expanded(source)
        do {
            mustache = try Mustache(expanded, escape: format == .html)
        } catch {
            throw TemplateError(template: name, reason: error.reason)
        }
    }

    /// - Throws: `missing` if the template comes across a name that has no value; nothing half-filled is returned.
    package func render(_ values: TemplateValues) throws(TemplateError) -> String {
        do {
            return try mustache.render(values)
        } catch {
            throw TemplateError(template: name, reason: error.reason)
        }
    }
}
