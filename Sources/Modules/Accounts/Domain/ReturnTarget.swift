import Shared

/// Where a person goes after a sign-in: somewhere that may be gone to.
package enum ReturnTarget: Sendable, Equatable {
    /// On this server: `/account?tab=keys`.
    case path(String)
    /// On a site of `REDIRECT_URLS`, whole.
    case page(String)
    /// An app that has an address scheme of its own, exactly as `REDIRECT_URLS` has it: `com.example.app:/done`.
    case app(String)

    package var text: String {
        switch self {
        case .path(let text), .page(let text), .app(let text): text
        }
    }

    /// The same with one parameter more.
    ///
    /// - Parameters: name and value of unreserved characters only (RFC 3986 § 2.3).
    package func adding(_ name: String, _ value: String) -> String {
        "\(text)\(text.utf8.contains(UInt8(ascii: "?")) ? "&" : "?")\(name)=\(value)"
    }
}

/// Which targets count: paths of our own, and what `REDIRECT_URLS` lists. A target is never changed to one that does.
package struct ReturnRules: Sendable {
    package static let bytesMax = 1_024

    private let sites: [Site]
    private let apps: Set<String>

    /// - Parameter entries: of `REDIRECT_URLS`.
    package init(_ entries: [Entry]) {
        sites = entries.compactMap { if case .site(let site) = $0 { site } else { nil } }
        apps = Set(entries.compactMap { if case .app(let address) = $0 { address } else { nil } })
    }

    /// One of `REDIRECT_URLS`.
    package enum Entry: Sendable {
        case site(Site)
        case app(String)

        /// An https address (http on the loopback if allowed) without query, or the whole address of an app, whose
        /// scheme is a domain turned round (RFC 8252 § 7.1).
        package init?(_ text: String, allowsPlainLoopback: Bool) {
            guard ReturnRules.isPlain(text) else { return nil }
            if let address = WebTarget(text) {
                guard address.query == nil, address.isSecure || allowsPlainLoopback && address.isLoopback else {
                    return nil
                }
                self = .site(Site(origin: address.origin, path: address.path))
                return
            }
            guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), ReturnRules.isAppScheme(text[..<colon])
            else { return nil }
            self = .app(text)
        }
    }

    package struct Site: Sendable, Hashable {
        /// Scheme, host and port in lower case, the port only where it is not the scheme's own.
        let origin: String
        let path: String

        /// `/app` covers itself and what is below it, but not `/apple`.
        func covers(_ target: WebTarget) -> Bool {
            guard target.origin == origin else { return false }
            let folder = path.hasSuffix("/") ? path : path + "/"
            return target.path == path || target.path.utf8.starts(with: folder.utf8)
        }
    }

    /// - Returns: nil for a target that does not count.
    package func target(_ text: String) -> ReturnTarget? {
        guard Self.isPlain(text) else { return nil }
        if text.utf8.first == UInt8(ascii: "/") { return Self.path(text) }
        if apps.contains(text) { return .app(text) }
        guard let target = WebTarget(text), sites.contains(where: { $0.covers(target) }) else { return nil }
        return .page(target.text)
    }

    private static func path(_ text: String) -> ReturnTarget? {
        let rest = text.utf8.dropFirst()
        if rest.first == UInt8(ascii: "/") { return nil }
        let path = text.prefix { $0 != "?" }
        guard let segments = WebTarget.segments(path), !isOfSignIn(segments) else { return nil }
        return .path(WebTarget.escaped(text))
    }

    /// The paths of signing in and out would lead round in circles, or out again.
    private static let signInPaths: [[String]] = [
        ["sign-in"], ["sign-up"], ["sign-out"], ["step-up"], ["login"], ["logout"], ["register"], ["refresh-token"],
        ["auth", "social"], ["google", "login"], ["github", "login"], ["sber", "login"], ["oidc"],
    ]

    private static func isOfSignIn(_ segments: [String]) -> Bool {
        signInPaths.contains { segments.starts(with: $0) }
    }

    /// No control character, space or backslash, no fragment, not too long.
    fileprivate static func isPlain(_ text: String) -> Bool {
        (1...bytesMax).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "\\", "#": false
                default:
                    !(scalar.value <= 0x20 || (0x7F...0xA0).contains(scalar.value)) && !scalar.properties.isWhitespace
                }
            }
    }

    /// Browsers run some schemes as code or read files by them; none of those has a full stop.
    fileprivate static func isAppScheme(_ scheme: Substring) -> Bool {
        guard let first = scheme.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else {
            return false
        }
        return scheme.utf8.contains(UInt8(ascii: "."))
            && scheme.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                    UInt8(ascii: "-"), UInt8(ascii: "+"):
                    true
                default: false
                }
            }
    }
}
