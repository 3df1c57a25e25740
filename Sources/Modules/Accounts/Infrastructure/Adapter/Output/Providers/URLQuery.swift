import HTTP

/// Names and values as a query or a form.
enum URLQuery {
    static func text(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(PercentCoding.encode($0.0))=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
    }

    /// Behind a URL, which may have a query of its own.
    static func appending(_ pairs: [(String, String)], to url: String) -> String {
        "\(url)\(url.contains("?") ? "&" : "?")\(text(pairs))"
    }
}
