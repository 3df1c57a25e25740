import Shared

/// A cookie to set (RFC 6265 § 4.1). Never readable by scripts.
package struct Cookie: Sendable {
    package enum SameSite: String, Sendable {
        case lax = "Lax"
        case strict = "Strict"
    }

    package let name: String
    /// Characters of a cookie value only: no space, quote, comma, semicolon, backslash.
    package let value: String
    package var path = "/"
    /// Host-only without one.
    package var domain: String?
    /// Zero deletes the cookie.
    package var maxAge: Duration
    package var isSecure: Bool
    package var sameSite: SameSite = .lax

    package init(name: String, value: String, maxAge: Duration, isSecure: Bool) {
        self.name = name
        self.value = value
        self.maxAge = maxAge
        self.isSecure = isSecure
    }

    package var header: String {
        var text = "\(name)=\(value); Path=\(path); Max-Age=\(maxAge.components.seconds); HttpOnly"
        text += "; SameSite=\(sameSite.rawValue)"
        if let domain { text += "; Domain=\(domain)" }
        if isSecure { text += "; Secure" }
        return text
    }
}

extension Response {
    package mutating func setCookie(_ cookie: Cookie) { add("Set-Cookie", cookie.header) }
}

extension Request {
    /// The value of the first cookie of this name; nil if absent.
    package func cookie(_ name: String) -> String? {
        for header in headers.all("cookie") {
            for pair in header.split(separator: ";") {
                let pair = pair.drop { $0 == " " }
                guard let equals = pair.firstIndex(of: "="), pair[..<equals] == name else { continue }
                return String(pair[pair.index(after: equals)...])
            }
        }
        return nil
    }
}
