/// What a template renders to.
package enum TemplateFormat: Sendable {
    /// Values become text of HTML elements and of quoted attributes: `&`, `<`, `>`, `"` and `'` are escaped.
    case html
    /// Values stay as they are: plain text of mails, subjects.
    case text
}
