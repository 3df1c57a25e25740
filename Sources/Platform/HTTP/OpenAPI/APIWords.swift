/// What the OpenAPI document says in words, beside the schemas: of operations, parameters and members.
///
/// A key is
///
/// - an operation: `createRole`,
/// - a parameter or a header field of an operation: `searchUsers.search`,
/// - a member of a named schema, with the way to it in unnamed ones: `Role.permissions`, `CreateServiceBody.routes[].path`,
/// - the end of any of these, from a dot on: `.routes[].path`, `.created_at`. Of several that fit the longest counts.
package struct APIWords: Sendable, ExpressibleByDictionaryLiteral {
    private var texts: [String: String] = [:]
    /// Keys that were given twice; the first text counts.
    package private(set) var repeated: [String] = []

    /// Pieces of code in a text stand between backticks.
    package init(dictionaryLiteral elements: (String, String)...) {
        for (key, text) in elements {
            if texts[key] == nil { texts[key] = text } else { repeated.append(key) }
        }
    }

    var keys: Set<String> { Set(texts.keys) }

    /// - Parameters:
    ///   - owner: an operation or a schema.
    ///   - way: to the member; nil for the owner itself.
    func find(_ owner: String, _ way: String? = nil) -> String? { key(of: owner, way).flatMap { texts[$0] } }

    /// Under which key that is found.
    func key(of owner: String, _ way: String? = nil) -> String? {
        guard let way else { return texts[owner] == nil ? nil : owner }
        var candidates = ["\(owner).\(way)", ".\(way)"]
        var rest = way[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            candidates.append(".\(rest)")
        }
        return candidates.first { texts[$0] != nil }
    }
}
