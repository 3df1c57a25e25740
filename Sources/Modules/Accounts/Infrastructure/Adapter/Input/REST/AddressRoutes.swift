import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import Shared

/// Proving an address for an identity whose provider gave none that counts. The identity waits in the browser's cookie.
struct AddressRoutes: Sendable {
    let prove: ProveAddressService
    let pending: PendingIdentityCookie
    let origins: OriginPolicy
    let rules: ReturnRules
    let limit: SignInLimit
    let delivery: TokenDelivery
    let clock: any WallClock

    var routes: [Route] { [requestRoute, confirmRoute] }

    private var requestRoute: Route {
        Route(
            .post, "/login/address",
            Operation(
                "requestAddressCode", "Mail a code that proves an address for the sign-in that waits for one",
                tag: ProviderStartRoutes.tag, headers: [.device],
                answers: [
                    .empty(202, "A mail is on its way"), .problem(.invalidState), .problem(.originNotAllowed),
                    .problem(.tooManyAttempts),
                ]),
            body: EmailBody.self
        ) { request, body in
            let identity = try waiting(request)
            let client = try await limit.check(request, route: "request_login_code", email: body.email)
            try await EvenTiming.run {
                try await prove.request(
                    email: body.email, for: identity, locale: request.pageLanguage, client: client)
            }
            return Response(status: 202)
        }
    }

    private var confirmRoute: Route {
        Route(
            .post, "/login/address/confirm",
            Operation(
                "confirmAddress", "Prove the address by the mailed code, link the waiting identity and sign in",
                tag: ProviderStartRoutes.tag, headers: [.tokenDelivery, .device],
                answers: [
                    .json(200, SignedInAnswer.self, "The tokens of the new session"),
                    .json(200, ReturnAnswer.self, "For an app: where the browser goes, with the app's code"),
                    .problem(.invalidState), .problem(.originNotAllowed), .problem(.accountExists),
                    .problem(.identityTaken), .problem(.invalidReturnTo),
                ] + Answer.signInRefusals(invalid: .invalidCode)),
            body: LoginCodeBody.self
        ) { request, body in
            let identity = try waiting(request)
            let client = try await limit.check(request, route: "login_code", email: body.email)
            var response = try answer(
                to: try await prove(
                    identity, email: body.email, code: body.code, client: client,
                    destination: SignInDestination(
                        delivery: request.signInDestination.delivery, returnTo: identity.returnTo)), identity, request)
            response.setCookie(pending.cleared)
            return response
        }
    }

    private func answer(
        to outcome: FinishFlowOutcome, _ identity: PendingIdentity, _ request: Request
    ) throws -> Response {
        switch outcome {
        case .signIn(let outcome): return try delivery.answer(outcome, to: request, invalid: .invalidCode)
        case .appCode(let code):
            guard let target = try rules.checked(identity.returnTo) else { throw Problem(.invalidReturnTo) }
            return .json(ReturnAnswer(address: target.adding("code", code.reveal())))
        case .accountExists: throw Problem(.accountExists)
        case .identityTaken: throw Problem(.identityTaken)
        case .unproved, .addressNeeded, .registrationClosed, .linked, .steppedUp, .secondFactorDue, .identityUnknown,
            .sessionOver, .failed:
            throw InternalFailure("an address that was proved left something open")
        }
    }

    /// - Throws: a problem if no identity waits in this browser, or another site sends its cookie.
    private func waiting(_ request: Request) throws(Problem) -> PendingIdentity {
        guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
        guard let identity = pending.identity(of: request, at: clock.now) else { throw Problem(.invalidState) }
        return identity
    }
}

/// Where an app's browser goes.
struct ReturnAnswer: Output {
    let address: String

    static let shape = Shape<ReturnAnswer>("Return") { shape in
        shape.member("return_to", .text) { $0.address }
    }
}
