import AccountsApplication
import Cache
import HTTP
import Shared

/// Signing in with a passkey.
struct PasskeySignInRoutes: Sendable {
    /// Nil where there can be none.
    let signIn: SignInWithPasskeyService?
    let origins: OriginPolicy
    let limit: SignInLimit
    let delivery: TokenDelivery
    let cookies: WebAuthnCookies

    /// Of options: a page asks for them as soon as it is open.
    private static let optionsLimit = RateLimitRule(quota: 60, window: .seconds(60))

    var routes: [Route] { [optionsRoute, signInRoute] }

    private var optionsRoute: Route {
        Route(
            .post, "/login/passkey/options",
            Operation(
                "startPasskeyLogin", "What `navigator.credentials.get()` needs to sign in; good for five minutes",
                tag: PasskeyRoutes.tag,
                answers: [
                    .json(200, PasskeyRequestAnswer.self, "The options, and a cookie that the answer needs"),
                    .problem(.passkeysOff), .problem(.tooManyAttempts), .problem(.originNotAllowed),
                ])
        ) { request in
            guard let signIn else { throw Problem(.passkeysOff) }
            guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
            try await limit.check(request, route: "passkey_options", perPrefix: Self.optionsLimit)
            let (browser, cookie) = cookies.begin(request)
            var response = Response.json(PasskeyRequestAnswer(options: try await signIn.options(browser: browser)))
            response.setCookie(cookie)
            return response
        }
    }

    private var signInRoute: Route {
        Route(
            .post, "/login/passkey",
            Operation(
                "logInWithPasskey", "Sign in with the passkey that the browser has used", tag: PasskeyRoutes.tag,
                headers: [.tokenDelivery, .device],
                answers: [
                    .json(200, SignedInAnswer.self, "The tokens of the new session"), .problem(.passkeyUnknown),
                    .problem(.passkeysOff), .problem(.originNotAllowed),
                ] + Answer.signInRefusals(invalid: .invalidPasskey)),
            body: PasskeyLoginBody.self
        ) { request, body in
            guard let signIn else { throw Problem(.passkeysOff) }
            // The cookie counts, so the request must come from a page that may send it.
            guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
            let client = try await limit.check(request, route: "login_passkey", email: nil)
            let command = SignInWithPasskeyCommand(
                assertion: body.credential.assertion, browser: cookies.browser(of: request), client: client)
            switch try await signIn(command) {
            case .unknown: throw Problem.unauthenticated(.passkeyUnknown)
            case .ended(let outcome): return try delivery.answer(outcome, to: request, invalid: .invalidPasskey)
            }
        }
    }
}
