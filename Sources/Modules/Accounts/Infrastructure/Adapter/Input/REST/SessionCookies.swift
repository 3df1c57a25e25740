import AccountsApplication
import HTTP
import Shared

/// The cookies of a browser that is signed in: the access token for every path, the refresh token only where it is used,
/// and for as long as that a hint for gateways that there is one.
///
/// Without a domain of its own, the session's cookie has the prefix by which browsers take it from no other host. The
/// refresh token's cannot have it: the prefix demands the path `/`.
struct SessionCookies: Sendable {
    /// Below the refresh cookie's path, so that it sees the cookie.
    static let signOutPath = "/refresh-token/logout"

    let isSecure: Bool
    let domain: String?
    let refreshTokenLifetime: Duration

    /// Whether a browser sends the session's cookie to a host.
    ///
    /// - Parameters:
    ///   - host: without a port.
    ///   - own: the host that sets the cookie.
    func reach(_ host: String, from own: String) -> Bool {
        guard let domain else { return host == own }
        let base = domain.drop { $0 == "." }
        return host == base || host.hasSuffix(".\(base)")
    }

    func set(for signedIn: SignedIn, in response: inout Response) {
        let token = signedIn.accessToken
        response.setCookie(session(token))
        response.setCookie(refresh(signedIn.refreshToken.text.reveal(), maxAge: refreshTokenLifetime))
        response.setCookie(hint("1", maxAge: refreshTokenLifetime))
        if domain != nil { for cookie in hostOnly { response.setCookie(cookie) } }
    }

    var cleared: [Cookie] {
        let all = [session("", maxAge: .zero), refresh("", maxAge: .zero), clearedHint] + hostOnly
        var seen: Set<String> = []
        return all.filter { seen.insert($0.header).inserted }
    }

    var clearedHint: Cookie { hint("", maxAge: .zero) }

    func session(_ token: AccessToken) -> Cookie { session(token.text.reveal(), maxAge: token.lifetime) }

    private func session(_ value: String, maxAge: Duration) -> Cookie {
        let name = isSecure && domain == nil ? CredentialName.hostSessionCookie : CredentialName.sessionCookie
        var cookie = Cookie(name: name, value: value, maxAge: maxAge, isSecure: isSecure)
        cookie.domain = domain
        return cookie
    }

    private func refresh(_ value: String, maxAge: Duration) -> Cookie {
        var cookie = Cookie(name: CredentialName.refreshCookie, value: value, maxAge: maxAge, isSecure: isSecure)
        cookie.path = "/refresh-token"
        return cookie
    }

    private func hint(_ value: String, maxAge: Duration) -> Cookie {
        var cookie = Cookie(name: CredentialName.hintCookie, value: value, maxAge: maxAge, isSecure: isSecure)
        cookie.domain = domain
        return cookie
    }

    /// Deletes what was set while there was no domain: a browser would go on sending it beside the other.
    private var hostOnly: [Cookie] {
        let names = [CredentialName.sessionCookie] + (isSecure ? [CredentialName.hostSessionCookie] : [])
        return names.map { Cookie(name: $0, value: "", maxAge: .zero, isSecure: isSecure) }
    }
}
