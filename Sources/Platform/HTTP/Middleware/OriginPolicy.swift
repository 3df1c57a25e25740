/// Which web origins may use the API from a browser (RFC 6454).
package struct OriginPolicy: Sendable {
    /// Our own: scheme, host and port of `APP_URL`.
    private let own: String
    private let listed: Set<String>
    private let allowsLocalhost: Bool

    /// - Parameters:
    ///   - own: `https://id.example.com`, without a path.
    ///   - listed: others, in the same form.
    ///   - allowsLocalhost: development: `http://localhost` and `http://127.0.0.1` at any port too.
    package init(own: String, listed: [String], allowsLocalhost: Bool) {
        self.own = own
        self.listed = Set(listed)
        self.allowsLocalhost = allowsLocalhost
    }

    package func allows(_ origin: String) -> Bool {
        origin == own || listed.contains(origin) || allowsLocalhost && Self.isLocal(origin)
    }

    /// Whether a cookie may count for an unsafe request: it comes from an allowed origin, or from no browser at all.
    package func allowsCookie(of request: Request) -> Bool {
        request.method.isSafe || allowsCookie(ofUnsafe: request.headers)
    }

    /// - Parameter headers: of a request that may change something, or that sets cookies.
    package func allowsCookie(ofUnsafe headers: Headers) -> Bool {
        let (origin, site) = (headers["origin"], headers["sec-fetch-site"])
        // Of a form on a page without a referrer, as ours are, browsers send no other origin; the site says whose it is.
        if let origin, origin != "null" || site == nil { return allows(origin) }
        switch site {
        case nil: return true
        case "same-origin", "none": return true
        default: return false
        }
    }

    private static func isLocal(_ origin: String) -> Bool {
        ["http://localhost", "http://127.0.0.1"].contains { base in
            guard origin.hasPrefix(base) else { return false }
            let rest = origin.dropFirst(base.count)
            return rest.isEmpty || rest.first == ":" && UInt16(rest.dropFirst()) != nil
        }
    }
}
