import AccountsApplication
import AccountsDomain
import HTTP
import Shared

/// Signing in and out.
struct SessionRoutes: Sendable {
    let logIn: any LogIn
    let logOut: any LogOut
    let authenticator: Authenticator
    let limit: SignInLimit
    let cookies: SessionCookies

    private static let tag = "Sessions"

    var routes: [Route] { [logInRoute, logOutRoute] }

    private var logInRoute: Route {
        Route(
            .post, "/login",
            Operation(
                "logIn",
                "Sign in with a password. Sets the cookies, or with `X-Token-Delivery: body` returns the refresh token",
                tag: Self.tag,
                answers: [
                    .json(200, SignedInAnswer.self, "The tokens of the new session"), .problem(.invalidCredentials),
                    .problem(.emailNotVerified), .problem(.accountInactive), .problem(.accountBlocked),
                    .problem(.tooManyAttempts),
                ]),
            body: LoginBody.self
        ) { request, body in
            try await limit.check(request, route: "login", email: body.email)
            let command = LogInCommand(email: body.email, password: body.password, client: request.client)
            switch try await logIn(command) {
            case .signedIn(let signedIn): return answer(signedIn, to: request)
            case .invalidCredentials: throw Problem.unauthenticated(.invalidCredentials)
            case .obstructed(let obstacle): throw obstacle.problem
            }
        }
    }

    private var logOutRoute: Route {
        Route(
            .post, "/logout",
            Operation(
                "logOut", "End this session", tag: Self.tag, security: .signedIn,
                answers: [.empty(204, "The session is over")]),
            signedInBy: authenticator
        ) { request, caller in
            try await logOut(caller, client: request.client)
            var response = Response.noContent()
            cookies.clear(in: &response)
            return response
        }
    }

    private func answer(_ signedIn: SignedIn, to request: Request) -> Response {
        let wantsBody = request.headers["x-token-delivery"]?.lowercased() == "body"
        var response = Response.json(SignedInAnswer(signedIn: signedIn, includesRefreshToken: wantsBody))
        if !wantsBody { cookies.set(for: signedIn, in: &response) }
        return response
    }
}

/// The two cookies of a browser: the access token for every path, the refresh token only where it is used.
struct SessionCookies: Sendable {
    static let refreshCookie = "refresh_token"

    let isSecure: Bool
    let domain: String?
    let refreshTokenLifetime: Duration

    func set(for signedIn: SignedIn, in response: inout Response) {
        let token = signedIn.accessToken
        response.setCookie(session(token.text.reveal(), maxAge: token.lifetime))
        response.setCookie(refresh(signedIn.refreshToken.text.reveal(), maxAge: refreshTokenLifetime))
    }

    func clear(in response: inout Response) {
        response.setCookie(session("", maxAge: .zero))
        response.setCookie(refresh("", maxAge: .zero))
    }

    private func session(_ value: String, maxAge: Duration) -> Cookie {
        var cookie = Cookie(name: Authenticator.sessionCookie, value: value, maxAge: maxAge, isSecure: isSecure)
        cookie.domain = domain
        return cookie
    }

    private func refresh(_ value: String, maxAge: Duration) -> Cookie {
        var cookie = Cookie(name: Self.refreshCookie, value: value, maxAge: maxAge, isSecure: isSecure)
        cookie.path = "/refresh-token"
        return cookie
    }
}

extension User.SignInObstacle {
    fileprivate var problem: Problem {
        switch self {
        case .notVerified: Problem(.emailNotVerified)
        case .inactive: Problem(.accountInactive)
        case .blocked(let until): Problem(.accountBlocked, "The account is blocked until \(until)")
        }
    }
}
