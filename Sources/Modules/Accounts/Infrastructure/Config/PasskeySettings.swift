import Configuration

/// For which domain passkeys are made, and on whose pages.
package struct PasskeySettings: Sendable, Equatable {
    /// A domain, without a port.
    package let relyingPartyID: String
    /// Scheme, host and port.
    package let origins: [String]
    /// Why the operator's own pages cannot use passkeys; nil if they can, or if there are none.
    package let pagesObstacle: String?

    /// Nil at an address of numbers, or where browsers offer no passkeys for want of https.
    init?(_ reader: inout SettingsReader, appURL: String, pagesURL: String?) {
        let listed: [WebOrigin] = reader.list("PASSKEY_ORIGINS", "origins such as https://app.example.com") {
            WebOrigin(text: $0)
        }
        let given = reader.text("PASSKEY_RP_ID")
        guard let own = WebOrigin(text: appURL), !own.isAddress, own.isSecure else {
            for name in ["PASSKEY_RP_ID", "PASSKEY_ORIGINS"] where reader.isSet(name) {
                reader.fail(name, "needs an APP_URL with a domain, and https but for localhost")
            }
            return nil
        }
        let id = given ?? own.name
        if given != nil, !Self.isDomain(id) || !own.isAt(id) {
            reader.fail("PASSKEY_RP_ID", "must be the host of APP_URL, or a domain that the host is below")
            return nil
        }
        for origin in listed where !origin.isUsable(for: id) {
            reader.fail("PASSKEY_ORIGINS", "must have origins at or below \(id) only, with https but for localhost")
            return nil
        }
        let pages = pagesURL.map { Self.origin(of: $0) }
        let usable = pages.flatMap { $0 }.flatMap { $0.isUsable(for: id) ? $0 : nil }
        pagesObstacle = pages != nil && usable == nil ? "PAGES_URL is not at or below \(id), or has no https" : nil
        relyingPartyID = id
        origins = ([own] + listed + [usable].compactMap { $0 }).reduce(into: []) { origins, origin in
            if !origins.contains(origin.text) { origins.append(origin.text) }
        }
    }

    /// Without its path.
    private static func origin(of url: String) -> WebOrigin? {
        guard let scheme = ["https://", "http://"].first(where: url.hasPrefix) else { return nil }
        return WebOrigin(text: scheme + url.dropFirst(scheme.count).prefix { $0 != "/" })
    }

    /// Whether browsers may take it: not for one of all hosts below a top domain.
    private static func isDomain(_ text: String) -> Bool {
        guard let origin = WebOrigin(text: "https://\(text)"), origin.host == text, !origin.isAddress else {
            return false
        }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { !$0.isEmpty } && (labels.count > 1 || text == "localhost")
    }
}

extension WebOrigin {
    /// Whether browsers take its pages for safe.
    fileprivate var isSecure: Bool { isHTTPS || name == "localhost" || name.hasSuffix(".localhost") }

    fileprivate func isAt(_ domain: String) -> Bool { name == domain || name.hasSuffix(".\(domain)") }

    fileprivate func isUsable(for domain: String) -> Bool { isSecure && isAt(domain) }
}
