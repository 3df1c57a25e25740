import AccountsApplication
import AccountsContract
import Authorization
import HTTP
import Shared

/// Proving once more who one is, for what is grave.
struct StepUpRoutes: Sendable {
    let stepUp: StepUpSessionService
    let gate: any Gate
    let limit: SignInLimit
    let delivery: TokenDelivery

    var routes: [Route] {
        [
            Route(
                .post, "/step-up",
                Operation(
                    "stepUp",
                    "Prove once more who you are, by the password, a mailed code or a code of the second factor, and get an access token that says so",
                    tag: "Sessions", headers: [.tokenDelivery],
                    answers: [
                        .json(200, SteppedUpAnswer.self, "The session's proof is fresh"), .problem(.wrongPassword),
                        .problem(.invalidCode), .problem(.stepUpRequired), .problem(.tooManyAttempts),
                    ]),
                needs: .session, gate: gate, reads: .body(StepUpBody.self)
            ) { request, body, principal in
                let caller = try principal.caller
                try await limit.check(request, route: "step_up", user: caller.userID)
                guard let proof = body.proof else { throw Problem.notASecondFactorCode }
                let command = StepUpSessionCommand(caller: caller, proof: proof, client: request.client)
                switch try await stepUp(command) {
                case .steppedUp(_, _, let token): return delivery.steppedUp(token, to: request)
                case .refused(let refusal): throw refusal.problem("The password or the code is not right")
                case .wrongSecondFactor: throw Problem.unauthenticated(.invalidCode)
                case .secondFactorNeeded(let demand):
                    throw Problem.stepUp(needsSecondFactor: demand.needsSecondFactor, maxAge: demand.maxAge)
                case .signedOut: throw Problem.invalidCredential
                }
            }
        ]
    }
}
