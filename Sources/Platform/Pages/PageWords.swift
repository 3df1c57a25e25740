import Shared
import Templates

/// What a page says, in every language side by side: `pages/<name>.words`.
///
///     title
///         en Sign in
///         id Masuk
///         ru Вход
///
/// A key stands at the beginning of a line, and below it, moved in, each language with its text. `{name}` in a text is
/// the page's value of that name. `#` begins a comment.
package struct PageWords: Sendable, Equatable {
    /// By language and key.
    package let texts: [String: [String: String]]

    /// - Throws: `InternalFailure` that names the line which is neither.
    package init(_ source: String, name: String) throws {
        var texts: [String: [String: String]] = [:]
        var key: String?
        for (index, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = Self.trimmed(line)
            if content.isEmpty || content.first == "#" { continue }
            if line.first != " " {
                key = String(content)
                continue
            }
            guard let key, let space = content.firstIndex(of: " ") else {
                throw InternalFailure("\(name), line \(index + 1): neither a key nor a language with its text")
            }
            let language = String(content[..<space])
            guard texts[language]?[key] == nil else {
                throw InternalFailure("\(name), line \(index + 1): \(key) has this language twice")
            }
            texts[language, default: [:]][key] = String(Self.trimmed(content[space...]))
        }
        self.texts = texts
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
        return text
    }

    /// The texts of a language with the page's values in them; those for which a value is missing are left out, and
    /// the template then says which it wants.
    ///
    /// - Parameter fallback: of what a language lacks.
    func filled(_ language: String, fallback: String, with values: TemplateValues) -> [String: String] {
        (texts[fallback] ?? [:]).merging(texts[language] ?? [:]) { $1 }.compactMapValues { Self.fill($0, values) }
    }

    static func fill(_ text: String, _ values: TemplateValues) -> String? {
        guard text.contains("{") else { return text }
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "{") {
            result += rest[..<start]
            let behind = rest[rest.index(after: start)...]
            guard let end = behind.firstIndex(of: "}"), case .text(let value)? = values[String(behind[..<end])] else {
                return nil
            }
            result += value
            rest = behind[behind.index(after: end)...]
        }
        return result + rest
    }
}
