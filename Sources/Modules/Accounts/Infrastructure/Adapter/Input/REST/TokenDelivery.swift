import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import Shared

/// Brings the tokens of a session to the client: into cookies, or with `X-Token-Delivery: body` into the answer.
struct TokenDelivery: Sendable {
    let cookies: SessionCookies
    let devices: DeviceCookies
    let secondFactor: SecondFactorCookie

    /// The tokens of a new session, as the client wants them.
    func answer(_ signedIn: SignedIn, to request: Request) -> Response {
        answer(signedIn, to: request, inBody: request.wantsTokensInBody)
    }

    /// The tokens of a session that a second step opened, as the first step wanted them.
    ///
    /// - Parameter cameByCookie: a browser did it, from which the cookie of the second step is taken.
    func answer(
        _ signedIn: SignedIn, _ destination: SignInDestination, cameByCookie: Bool, to request: Request
    ) -> Response {
        let wantsBody = destination.delivery == .body || request.wantsTokensInBody
        var response = answer(signedIn, to: request, inBody: wantsBody && !cameByCookie)
        if cameByCookie { response.setCookie(secondFactor.cleared) }
        return response
    }

    /// What a sign-in gives, however it ended.
    ///
    /// - Parameter invalid: what a wrong credential of this kind is called.
    /// - Throws: a problem for a refusal.
    func answer(_ outcome: SignInOutcome, to request: Request, invalid: ProblemKind) throws(Problem) -> Response {
        switch outcome {
        case .signedIn(let signedIn): return answer(signedIn, to: request)
        case .secondFactorNeeded(let demand): return secondFactorNeeded(demand, to: request)
        case .refused(let refusal): throw refusal.problem(invalid: invalid)
        }
    }

    /// The way to the second step: a program gets the token, a browser's form the cookie and the page.
    func secondFactorNeeded(_ demand: SecondFactorDemand, to request: Request) -> Response {
        request.wantsPage ? secondFactorPage(demand) : .json(SecondFactorNeededAnswer(demand: demand))
    }

    /// For a browser, whatever it takes.
    func secondFactorPage(_ demand: SecondFactorDemand) -> Response {
        var response = Response(status: 303, headers: [("Location", SecondFactorCookie.page)])
        response.setCookie(secondFactor.cookie(for: demand))
        return response
    }

    /// A session's next tokens. What came by cookie goes back by cookie, whatever is asked: no script may get hold of it.
    ///
    /// - Parameter cameInBody: the client sent its refresh token in a body, so it keeps no cookies.
    func refreshed(_ signedIn: SignedIn, to request: Request, cameInBody: Bool) -> Response {
        answer(signedIn, to: request, inBody: cameInBody, remembersDevice: false)
    }

    /// New tokens for somebody who is signed in: they go back the way by which the old ones came.
    func renewed(_ signedIn: SignedIn, to request: Request) -> Response {
        answer(signedIn, to: request, inBody: request.keepsItsTokens)
    }

    /// An access token that takes the place of the caller's; the refresh token stays as it is.
    func steppedUp(_ token: AccessToken, to request: Request) -> Response {
        var response = Response.json(SteppedUpAnswer(token: token))
        if !request.keepsItsTokens { response.setCookie(cookies.session(token)) }
        return response
    }

    /// The same beside an account whose address has changed.
    func changed(_ account: Account, _ signedIn: SignedIn?, to request: Request) -> Response {
        guard let signedIn else { return .json(EmailChangedAnswer(account: account, tokens: nil)) }
        let inBody = request.keepsItsTokens
        let tokens = SignedInAnswer(
            signedIn: signedIn, refreshToken: inBody ? signedIn.refreshToken.text : nil,
            deviceToken: inBody ? deviceToken(signedIn, request) : nil)
        var response = Response.json(EmailChangedAnswer(account: account, tokens: tokens))
        if !inBody { setCookies(signedIn, request, in: &response) }
        return response
    }

    private func answer(
        _ signedIn: SignedIn, to request: Request, inBody: Bool, remembersDevice: Bool = true
    ) -> Response {
        var response = Response.json(
            SignedInAnswer(
                signedIn: signedIn, refreshToken: inBody ? signedIn.refreshToken.text : nil,
                deviceToken: inBody && remembersDevice ? deviceToken(signedIn, request) : nil))
        if !inBody { setCookies(signedIn, request, in: &response) }
        return response
    }

    private func deviceToken(_ signedIn: SignedIn, _ request: Request) -> String {
        devices.text(
            remembering: signedIn.account.user.deviceOwner, of: request, session: signedIn.session.id.value)
    }

    /// An answer to a browser that just signed in, or has new tokens.
    func adding(_ signedIn: SignedIn, to response: Response, for request: Request) -> Response {
        var response = response
        setCookies(signedIn, request, in: &response)
        return response
    }

    /// For a browser that came back signed in. The tokens are in the cookies, never in the address.
    func redirect(to location: String, _ signedIn: SignedIn, from request: Request) -> Response {
        var response = Response.seeOther(location)
        setCookies(signedIn, request, in: &response)
        return response
    }

    /// For a browser that came back with a fresh proof; the refresh token stays.
    func redirect(to location: String, _ token: AccessToken) -> Response {
        var response = Response.seeOther(location)
        response.setCookie(cookies.session(token))
        return response
    }

    private func setCookies(_ signedIn: SignedIn, _ request: Request, in response: inout Response) {
        cookies.set(for: signedIn, in: &response)
        let owner = signedIn.account.user.deviceOwner
        response.setCookie(devices.cookie(remembering: owner, of: request, session: signedIn.session.id.value))
    }

    func signedOut() -> Response { clearingCookies(of: .noContent()) }

    func clearingCookies(of response: Response) -> Response {
        var response = response
        for cookie in cookies.cleared { response.setCookie(cookie) }
        return response
    }

    /// A 401 after which the cookies are worth nothing.
    func refusal(_ kind: ProblemKind) -> Problem {
        var problem = Problem.unauthenticated(kind)
        problem.headers += cookies.cleared.map { ("Set-Cookie", $0.header) }
        return problem
    }

    /// A refresh that was none: no gateway may send this browser to be refreshed again.
    func notRefreshed(_ request: Request) -> Problem {
        var problem = Problem.unauthenticated(.invalidRefreshToken)
        if request.cookie(CredentialName.hintCookie) != nil {
            problem.headers.append(("Set-Cookie", cookies.clearedHint.header))
        }
        return problem
    }
}

extension Operation.HeaderParameter {
    static let tokenDelivery = Self("X-Token-Delivery", example: "body")
}

extension Request {
    fileprivate var wantsTokensInBody: Bool {
        headers[Operation.HeaderParameter.tokenDelivery.name]?.lowercased() == "body"
    }

    /// Where a sign-in by this request goes.
    var signInDestination: SignInDestination { SignInDestination(delivery: wantsTokensInBody ? .body : .cookies) }

    /// Whether a signed-in caller keeps its tokens itself instead of in cookies. What came by cookie goes back by
    /// cookie; who neither has one nor is a browser could not keep one.
    fileprivate var keepsItsTokens: Bool {
        guard case .bearer = headers.authorization else { return false }
        if wantsTokensInBody { return true }
        // Other cookies of ours say nothing: programs keep cookies too.
        let sessions = [CredentialName.sessionCookie, CredentialName.hostSessionCookie].flatMap(headers.cookies)
        return sessions.isEmpty && !headers.contains("origin") && !headers.contains("sec-fetch-site")
    }
}
