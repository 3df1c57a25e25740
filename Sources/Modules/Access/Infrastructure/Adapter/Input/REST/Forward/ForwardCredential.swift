import AccessApplication
import AccessDomain
import HTTP
import Shared

/// The credential that the gateway's client sent: a bearer token or a key in `Authorization`, a key in `X-Api-Key`, or
/// the session cookie of Accounts.
struct ForwardCredential {
    let credential: AccessQuestion.Credential
    /// Several session cookies, of which only Accounts knows which one counts. Until then the credential is the first.
    let choices: SessionCookieValues?
    /// It counts only where a cookie does: a browser sends it, whoever made the request.
    let isCookie: Bool

    /// Nil if there are two and they differ: nobody can tell as whom the client acts.
    init?(_ headers: Headers) {
        var found: Found?
        guard headers.count(of: "authorization") <= 1, headers.count(of: "x-api-key") <= 1 else { return nil }
        switch headers.authorization {
        case .absent: break
        case .bearer(let token): found = .text(token)
        case .other: found = .malformed
        }
        if headers.contains("x-api-key") {
            guard Self.add(Self.key(headers["x-api-key"] ?? ""), to: &found) else { return nil }
        }
        let cookies = headers.sessionCookies
        let isCookie = found == nil && !cookies.isEmpty
        if isCookie {
            found = cookies.all.first.map { .text($0) }
        } else if let found, !cookies.isEmpty, !cookies.all.contains(where: { .text($0) == found }) {
            return nil
        }
        choices = isCookie && cookies.all.count > 1 ? cookies : nil
        switch found {
        case nil: credential = .none
        case .malformed: credential = .malformed
        case .text(let text): credential = AccessQuestion.Credential(text: text)
        }
        self.isCookie = isCookie
    }

    /// One of the choices.
    init(cookie token: String) {
        credential = AccessQuestion.Credential(text: token)
        choices = nil
        isCookie = true
    }

    /// Whether there is none at all.
    var isAbsent: Bool { if case .none = credential { true } else { false } }

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

    private static func key(_ text: String) -> Found {
        APIKeyText.isMeant(text.utf8.span) ? .text(text) : .malformed
    }
}
