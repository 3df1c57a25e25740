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
        headers.cookies(name).first
    }
}

extension Headers {
    /// The values of the cookies of this name, in order.
    package func cookies(_ name: String) -> [String] {
        guard contains("cookie") else { return [] }
        var values: [String] = []
        for header in all("cookie") {
            for pair in header.utf8.split(separator: UInt8(ascii: ";")) {
                let pair = pair.drop { $0 == UInt8(ascii: " ") }
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
                    pair[..<equals].elementsEqual(name.utf8)
                else { continue }
                values.append(String(Substring(pair[pair.index(after: equals)...])))
            }
        }
        return values
    }

    /// The names and values of the cookies whose names begin so, in order.
    package func cookiePairs(startingWith prefix: String) -> [(name: String, value: String)] {
        all("cookie").flatMap { header in
            header.utf8.split(separator: UInt8(ascii: ";")).compactMap { pair in
                let pair = pair.drop { $0 == UInt8(ascii: " ") }
                guard pair.starts(with: prefix.utf8), let equals = pair.firstIndex(of: UInt8(ascii: "=")) else {
                    return nil
                }
                return (String(Substring(pair[..<equals])), String(Substring(pair[pair.index(after: equals)...])))
            }
        }
    }
}
