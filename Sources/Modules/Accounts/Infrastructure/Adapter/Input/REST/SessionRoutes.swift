import AccountsApplication
import AccountsDomain
import Authorization
import HTTP
import Pages
import Shared

/// Signing in and out.
struct SessionRoutes: Sendable {
    let signIn: SignInService
    let signOut: SignOutService
    let sessions: ManageSessionsService
    let gate: any Gate
    let origins: OriginPolicy
    let limit: SignInLimit
    let delivery: TokenDelivery
    let frame: PageFrame

    private static let tag = "Sessions"

    var routes: [Route] { [signInRoute, signOutRoute, signOutByCookieRoute, signOutAllRoute] }

    private var signInRoute: Route {
        Route(
            .post, "/login",
            Operation(
                "logIn",
                "Sign in with a password. Sets the cookies, or with `X-Token-Delivery: body` returns the refresh token",
                tag: Self.tag,
                headers: [.tokenDelivery, .device],
                answers: [.json(200, SignedInAnswer.self, "The tokens of the new session")]
                    + Answer.signInRefusals(invalid: .invalidCredentials)),
            body: LoginBody.self
        ) { request, body in
            let client = try await limit.check(request, route: "login", email: body.email)
            let command = SignInCommand(
                email: body.email, password: body.password, client: client, destination: request.signInDestination)
            return try delivery.answer(try await signIn(command), to: request, invalid: .invalidCredentials)
        }
    }

    private var signOutRoute: Route {
        Route(
            .post, "/logout",
            Operation(
                "logOut",
                "End the session of any genuine token, expired or not: the bearer's, the body's or the cookie's",
                tag: Self.tag,
                answers: [
                    .empty(204, "The session is over, and the cookies are cleared"),
                    .empty(307, "No genuine token here; the other route sees the refresh cookie"),
                    .problem(.originNotAllowed),
                ]),
            optionalBody: RefreshTokenBody.self
        ) { request, body in
            if try await endsSession(given(request, body), request) { return delivery.signedOut() }
            guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
            let cookies = request.headers.sessionCookies.all
            if try await endsSession(cookies.map { .accessToken(Secret($0)) }, request) { return delivery.signedOut() }
            // Its cookies stay until there: the browser would follow without the one that counts.
            return Response(status: 307, headers: [("Location", SessionCookies.signOutPath)])
        }
    }

    private var signOutByCookieRoute: Route {
        Route(
            .post, "/refresh-token/logout",
            Operation(
                "logOutByRefreshToken", "End the session of the refresh token, and clear the cookies", tag: Self.tag,
                answers: [
                    .empty(204, "The session is over, if there was one; the cookies are cleared"),
                    .empty(303, "The same for the form of the page"), .problem(.originNotAllowed),
                ]
            ).withBody(RefreshTokenBody.self, formats: [.json, .form], isRequired: false)
        ) { request in
            let isPage = request.isForm && request.wantsPage
            let body = isPage ? nil : try request.readOptional(RefreshTokenBody.self)
            if try await endsSession(given(request, body), request) { return delivery.signedOut() }
            guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
            let cookies = request.headers.cookies(CredentialName.refreshCookie)
            _ = try await endsSession(cookies.map { .refreshToken(Secret($0)) }, request)
            guard isPage else { return delivery.signedOut() }
            return delivery.clearingCookies(
                of: try frame.leaving(to: "/sign-in", saying: PageNote("signed_out", on: "sign_in")))
        }
    }

    /// What proves by itself that the caller means it, wherever the request comes from.
    private func given(_ request: Request, _ body: RefreshTokenBody?) -> [SessionCredential] {
        var credentials: [SessionCredential] = []
        if case .bearer(let token) = request.headers.authorization { credentials.append(.accessToken(Secret(token))) }
        if let token = body?.refreshToken { credentials.append(.refreshToken(token)) }
        return credentials
    }

    private func endsSession(_ credentials: [SessionCredential], _ request: Request) async throws -> Bool {
        guard !credentials.isEmpty else { return false }
        return try await signOut(credentials, client: request.client)
    }

    private var signOutAllRoute: Route {
        Route(
            .post, "/logout/all",
            Operation(
                "logOutAll", "End every session of the caller, and every link, code and known device", tag: Self.tag,
                answers: [.empty(204, "Every session is over")]),
            needs: .session, gate: gate
        ) { request, principal in
            let caller = try principal.caller
            try await sessions.revokeAll(caller, client: request.client)
            return delivery.signedOut()
        }
    }
}
