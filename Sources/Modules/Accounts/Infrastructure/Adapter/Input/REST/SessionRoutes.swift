import AccountsApplication
import AccountsDomain
import Authorization
import HTTP
import Shared

/// Signing in and out.
struct SessionRoutes: Sendable {
    let logIn: any LogIn
    let logOut: any LogOut
    let sessions: any ManageSessions
    let gate: any Gate
    let limit: SignInLimit
    let delivery: TokenDelivery

    private static let tag = "Sessions"

    var routes: [Route] { [logInRoute, logOutRoute, logOutAllRoute] }

    private var logInRoute: Route {
        Route(
            .post, "/login",
            Operation(
                "logIn",
                "Sign in with a password. Sets the cookies, or with `X-Token-Delivery: body` returns the refresh token",
                tag: Self.tag,
                answers: [.json(200, SignedInAnswer.self, "The tokens of the new session")]
                    + Answer.signInRefusals(invalid: .invalidCredentials)),
            body: LoginBody.self
        ) { request, body in
            let client = try await limit.check(request, route: "login", email: body.email)
            let command = LogInCommand(email: body.email, password: body.password, client: client)
            switch try await logIn(command) {
            case .signedIn(let signedIn): return delivery.answer(signedIn, to: request)
            case .refused(let refusal): throw refusal.problem(invalid: .invalidCredentials)
            }
        }
    }

    private var logOutRoute: Route {
        Route(
            .post, "/logout",
            Operation(
                "logOut", "End this session", tag: Self.tag,
                answers: [.empty(204, "The session is over")]),
            needs: .session, gate: gate
        ) { request, principal in
            let caller = try principal.caller
            try await logOut(caller, client: request.client)
            return delivery.signedOut()
        }
    }

    private var logOutAllRoute: Route {
        Route(
            .post, "/logout/all",
            Operation(
                "logOutAll", "End every session of the caller", tag: Self.tag,
                answers: [.empty(204, "Every session is over")]),
            needs: .session, gate: gate
        ) { request, principal in
            let caller = try principal.caller
            try await sessions.revokeAll(caller, client: request.client)
            return delivery.signedOut()
        }
    }
}
