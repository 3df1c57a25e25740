import AccountsApplication
import AccountsDomain
import HTTP
import Shared

/// Brings the tokens of a session to the client: into cookies, or with `X-Token-Delivery: body` into the answer.
struct TokenDelivery: Sendable {
    let cookies: SessionCookies
    let devices: DeviceCookies

    /// - Parameter cameInBody: the client sent its refresh token in a body, so it keeps no cookies.
    func answer(_ signedIn: SignedIn, to request: Request, cameInBody: Bool = false) -> Response {
        let wantsBody = cameInBody || request.headers["x-token-delivery"]?.lowercased() == "body"
        var response = Response.json(SignedInAnswer(signedIn: signedIn, includesRefreshToken: wantsBody))
        if !wantsBody { setCookies(signedIn, request, in: &response) }
        return response
    }

    /// A page for a browser that just signed in.
    func page(_ html: String, _ signedIn: SignedIn, to request: Request) -> Response {
        var response = Response.page(html)
        setCookies(signedIn, request, in: &response)
        return response
    }

    private func setCookies(_ signedIn: SignedIn, _ request: Request, in response: inout Response) {
        cookies.set(for: signedIn, in: &response)
        response.setCookie(devices.cookie(remembering: signedIn.account.user.email, of: request))
    }

    func signedOut() -> Response {
        var response = Response.noContent()
        for cookie in cookies.cleared { response.setCookie(cookie) }
        return response
    }

    /// A 401 after which the cookies are worth nothing.
    func refusal(_ kind: ProblemKind) -> Problem {
        var problem = Problem.unauthenticated(kind)
        problem.headers += cookies.cleared.map { ("Set-Cookie", $0.header) }
        return problem
    }
}

/// The two cookies of a browser: the access token for every path, the refresh token only where it is used.
struct SessionCookies: Sendable {
    let isSecure: Bool
    let domain: String?
    let refreshTokenLifetime: Duration

    func set(for signedIn: SignedIn, in response: inout Response) {
        let token = signedIn.accessToken
        response.setCookie(session(token.text.reveal(), maxAge: token.lifetime))
        response.setCookie(refresh(signedIn.refreshToken.text.reveal(), maxAge: refreshTokenLifetime))
    }

    var cleared: [Cookie] { [session("", maxAge: .zero), refresh("", maxAge: .zero)] }

    private func session(_ value: String, maxAge: Duration) -> Cookie {
        var cookie = Cookie(name: CredentialName.sessionCookie, value: value, maxAge: maxAge, isSecure: isSecure)
        cookie.domain = domain
        return cookie
    }

    private func refresh(_ value: String, maxAge: Duration) -> Cookie {
        var cookie = Cookie(name: CredentialName.refreshCookie, value: value, maxAge: maxAge, isSecure: isSecure)
        cookie.path = "/refresh-token"
        return cookie
    }
}
