import AccountsApplication
import HTTP
import Shared

/// Tokens for an app whose person signed in with another company in a browser.
struct AppRoutes: Sendable {
    let exchange: ExchangeAppCodeService
    let limit: SignInLimit
    let delivery: TokenDelivery

    var routes: [Route] {
        [
            Route(
                .post, "/login/exchange",
                Operation(
                    "exchangeAppCode", "The tokens of an app's new session, for the code of its callback; once",
                    tag: ProviderStartRoutes.tag, headers: [.tokenDelivery, .device],
                    answers: [.json(200, SignedInAnswer.self, "The tokens of the new session")]
                        + Answer.signInRefusals(invalid: .invalidCode)),
                body: AppCodeBody.self
            ) { request, body in
                try await limit.check(request, route: "login_exchange", email: nil)
                let outcome = try await exchange(
                    code: body.code, verifier: body.verifier, client: request.client,
                    destination: request.signInDestination)
                return try delivery.answer(outcome, to: request, invalid: .invalidCode)
            }
        ]
    }
}
