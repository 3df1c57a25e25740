import HTTP
import Shared

/// Where a browser, or an app, goes when what it came for is done.
package enum ReturnTarget: Sendable, Equatable {
    /// On our own origin: a path with its query.
    case path(String)
    /// A page of another origin that the operator listed.
    case page(String)
    /// An app, by an address of its own scheme.
    case app(String)

    package var text: String {
        switch self {
        case .path(let text), .page(let text), .app(let text): text
        }
    }
}

/// Which addresses a browser may be sent to: paths of our own, and what `REDIRECT_URLS` lists. Whatever could be read
/// in two ways is refused, never mended: an open redirect is how people are led to a copy of these pages.
package struct ReturnTargets: Sendable {
    /// A page of another origin, and all that is below its path.
    private struct Entry: Sendable {
        let origin: String
        /// Without a slash at the end.
        let path: String
    }

    private let own: String
    private let pages: [Entry]
    private let apps: Set<String>
    private let signInPaths: Set<String>

    /// A proxy's limit for a whole line of a request's head is 4 or 8 KiB; this one is repeated in several.
    package static let bytesMax = 1_024

    /// Pages of signing in lead nowhere else: who is sent back to one would go round in a circle.
    package static let signInPaths: Set<String> = [
        "/sign-in", "/sign-up", "/sign-out", "/step-up", "/login", "/logout", "/register", "/refresh-token", "/auth",
        "/oidc",
        "/google/login", "/github/login", "/sber/login",
    ]

    /// - Parameters:
    ///   - own: `APP_URL`, without a slash at the end.
    ///   - listed: entries of `REDIRECT_URLS` that `isEntry` accepts.
    package init(own: String, listed: [String], signInPaths: Set<String> = Self.signInPaths) {
        self.own = own
        self.signInPaths = signInPaths
        var pages: [Entry] = []
        var apps: Set<String> = []
        for text in listed {
            if let parts = WebAddress(text) {
                var path = parts.path
                while path.last == "/" { path.removeLast() }
                pages.append(Entry(origin: parts.origin, path: path))
            } else {
                apps.insert(text)
            }
        }
        self.pages = pages
        self.apps = apps
    }

    /// Whether a text can be an entry of `REDIRECT_URLS`: an https address (on this machine also http, in development),
    /// or the whole address of an app's own scheme, which has a dot in it (RFC 8252 § 7.1).
    package static func isEntry(_ text: String, isProduction: Bool) -> Bool {
        guard isClean(text), text.utf8.count <= bytesMax, !text.contains("#") else { return false }
        if let web = WebAddress(text) {
            return web.query == nil && (web.isHTTPS || !isProduction && web.isLocal)
        }
        guard let colon = text.firstIndex(of: ":") else { return false }
        let scheme = text[..<colon]
        return scheme.contains(".") && scheme.first?.isLetter == true
            && scheme.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                    UInt8(ascii: "-"), UInt8(ascii: "+"):
                    true
                default: false
                }
            }
    }

    /// - Returns: nil for what nobody may be sent to.
    package func target(_ text: String) -> ReturnTarget? {
        guard !text.isEmpty, text.utf8.count <= Self.bytesMax, Self.isClean(text), !text.contains("#") else {
            return nil
        }
        if text.first == "/" { return path(text) }
        if apps.contains(text) { return .app(text) }
        guard let address = WebAddress(text) else { return nil }
        if address.origin == own {
            return path((address.path.isEmpty ? "/" : address.path) + (address.query.map { "?\($0)" } ?? ""))
        }
        guard Self.hasPlainSegments(address.path),
            pages.contains(where: { entry in
                entry.origin == address.origin
                    && (address.path == entry.path || address.path.hasPrefix("\(entry.path)/"))
            })
        else { return nil }
        return .page(text)
    }

    /// Our own host, without a port.
    package var ownHost: String { Self.host(of: own) }

    /// The host of an http or https address, without a port.
    package static func host(of address: String) -> String {
        let behind = address.drop { $0 != "/" }.dropFirst(2)
        let authority = behind.prefix { $0 != "/" && $0 != "?" }
        return String(authority.first == "[" ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" })
    }

    /// Whether a target is on another origin than ours.
    package func isElsewhere(_ target: ReturnTarget) -> Bool {
        if case .path = target { false } else { true }
    }

    private func path(_ text: String) -> ReturnTarget? {
        let path = String(text.prefix { $0 != "?" })
        let second = path.utf8.dropFirst().first
        guard second != UInt8(ascii: "/"), Self.hasPlainSegments(path) else { return nil }
        let isOfSigningIn = signInPaths.contains { path == $0 || path.hasPrefix("\($0)/") }
        return isOfSigningIn ? nil : .path(text)
    }

    /// Visible ASCII without a backslash: what else there is, browsers and proxies read differently.
    private static func isClean(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
    }

    /// No dot segments, and in the first segment no escape that hides a slash, a backslash, a space or a control.
    private static func hasPlainSegments(_ path: String) -> Bool {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in segments.enumerated() {
            guard let decoded = PercentCoding.decode(String(segment).utf8.span) else { return false }
            if decoded == "." || decoded == ".." { return false }
            if index == 0, decoded != segment, !isClean(decoded) || decoded.contains("/") { return false }
        }
        return true
    }
}

/// An absolute http or https address in the one spelling that is taken: scheme and host in lower case, no user.
private struct WebAddress {
    let origin: String
    /// Empty, or with a slash in front.
    let path: String
    let query: String?
    let isHTTPS: Bool
    let isLocal: Bool

    init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let name = Self.name(of: authority), Self.isPort(authority.dropFirst(name.count)) else { return nil }
        let standard = scheme == "https://" ? ":443" : ":80"
        guard !authority.hasSuffix(standard) else { return nil }
        isHTTPS = scheme == "https://"
        isLocal = ["localhost", "127.0.0.1", "[::1]"].contains(name)
        origin = scheme + authority
        let behind = rest.dropFirst(authority.count)
        path = String(behind.prefix { $0 != "?" })
        query = behind.firstIndex(of: "?").map { String(behind[behind.index(after: $0)...]) }
        guard !path.hasPrefix("//") else { return nil }
    }

    private static func name(of authority: Substring) -> Substring? {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]"),
                NetworkAddress(text: String(authority[..<end].dropFirst())) != nil
            else { return nil }
            return authority[...end]
        }
        let name = authority.prefix { $0 != ":" }
        let isGood = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isGood && !name.isEmpty ? name : nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard text.first == ":" else { return text.isEmpty }
        let digits = text.dropFirst()
        return digits.first != "0" && digits.utf8.allSatisfy { (48...57).contains($0) } && UInt16(digits) != nil
    }
}

extension ProblemKind {
    package static let returnTargetRefused = ProblemKind(
        400, "invalid_return_to", "`return_to` is not a path of this server or an address that is allowed")
}
