import AccessApplication
import AccessDomain
import HTTP
import Shared

/// The credential that the gateway's client sent: a bearer token or a key in `Authorization`, a key in `X-Api-Key`, or
/// the session cookie of Accounts.
struct ForwardCredential {
    let credential: AccessQuestion.Credential
    /// It counts only where a cookie does: a browser sends it, whoever made the request.
    let isCookie: Bool

    static let sessionCookie = "gapura_session"

    /// Nil if there are two and they differ: nobody can tell as whom the client acts.
    init?(_ headers: Headers) {
        var found: Found?
        for name in ["authorization", "x-api-key"] where headers.contains(name) {
            guard headers.count(of: name) == 1 else { return nil }
            let text = headers[name] ?? ""
            guard Self.add(name == "authorization" ? Self.bearer(text) : Self.key(text), to: &found) else { return nil }
        }
        let isCookie = found == nil
        for text in Self.sessions(headers) {
            guard Self.add(.text(text), to: &found) else { return nil }
        }
        switch found {
        case nil: credential = .none
        case .malformed: credential = .malformed
        case .text(let text): credential = AccessQuestion.Credential(text: text)
        }
        self.isCookie = isCookie && found != nil
    }

    private enum Found: Equatable {
        case text(String)
        case malformed
    }

    /// - Returns: false if there is another one already.
    private static func add(_ new: Found, to found: inout Found?) -> Bool {
        if let found { return found == new }
        found = new
        return true
    }

    /// RFC 6750 § 2.1; the scheme's name is case-insensitive.
    private static func bearer(_ text: String) -> Found {
        let scheme = text.utf8.prefix(7)
        guard scheme.count == 7, scheme.last == UInt8(ascii: " "),
            zip(scheme, "bearer".utf8).allSatisfy({ $0 | 0x20 == $1 })
        else { return .malformed }
        let token = text.utf8.dropFirst(7).drop { $0 == UInt8(ascii: " ") }
        return token.isEmpty ? .malformed : .text(String(Substring(token)))
    }

    private static func key(_ text: String) -> Found {
        APIKeyText.isMeant(text.utf8.span) ? .text(text) : .malformed
    }

    /// Every session cookie, except for one that is empty.
    private static func sessions(_ headers: Headers) -> [String] {
        var values: [String] = []
        for header in headers.all("cookie") {
            for pair in header.utf8.split(separator: UInt8(ascii: ";")) {
                let pair = pair.drop { $0 == UInt8(ascii: " ") }
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
                    pair[..<equals].elementsEqual(sessionCookie.utf8)
                else { continue }
                let value = pair[pair.index(after: equals)...]
                if !value.isEmpty { values.append(String(Substring(value))) }
            }
        }
        return values
    }
}
