import AccountsApplication
import AccountsDomain
import Authorization
import HTTP
import Shared

/// The second step of a sign-in.
struct SecondStepRoutes: Sendable {
    let secondStep: SecondStepService
    let origins: OriginPolicy
    let limit: SignInLimit
    let delivery: TokenDelivery

    var routes: [Route] {
        [
            Route(
                .post, "/login/mfa",
                Operation(
                    "logInWithSecondFactor", "Do the second step of a sign-in, and get the tokens", tag: "Sessions",
                    headers: [.tokenDelivery, .device],
                    answers: [
                        .json(200, SignedInAnswer.self, "The tokens of the new session"), .problem(.invalidCode),
                        .problem(.invalidMFAToken), .problem(.emailNotVerified), .problem(.accountInactive),
                        .problem(.accountBlocked), .problem(.tooManyAttempts), .problem(.originNotAllowed),
                    ]),
                body: SecondStepBody.self
            ) { request, body in
                guard let token = try body.token ?? cookieToken(of: request) else {
                    throw Problem.unauthenticated(.invalidMFAToken)
                }
                guard let proof = body.proof else { throw Problem.notASecondFactorCode }
                let email = try await secondStep.account(token: token)
                let client = try await limit.check(request, route: "login_mfa", email: email)
                let command = SecondStepCommand(token: token, proof: proof, client: client)
                switch try await secondStep(command) {
                case .over: throw Problem.unauthenticated(.invalidMFAToken)
                case .refused(let refusal): throw refusal.problem(invalid: .invalidCode)
                case .signedIn(let signedIn, let destination):
                    return delivery.answer(signedIn, destination, cameByCookie: body.token == nil, to: request)
                }
            }
        ]
    }

    /// Of a browser, which sends it from wherever it is told to.
    private func cookieToken(of request: Request) throws(Problem) -> Secret<String>? {
        guard let token = delivery.secondFactor.token(of: request) else { return nil }
        guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
        return token
    }
}
