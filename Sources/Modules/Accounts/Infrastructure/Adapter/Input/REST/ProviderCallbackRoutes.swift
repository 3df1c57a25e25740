import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Shared

/// Coming back from another company.
struct ProviderCallbackRoutes: Sendable {
    let finish: FinishProviderFlowService
    let once: OncePerFlow
    let providers: IdentityProviders
    let cookies: FlowCookies
    let pending: PendingIdentityCookie
    let registrations: RegistrationCookies
    let rules: ReturnRules
    let gate: any Gate
    let limit: SignInLimit
    let delivery: TokenDelivery
    let clock: any WallClock
    let logger: Logger

    var routes: [Route] {
        [
            Route(
                .get, "/auth/social/callback/{provider}",
                Operation(
                    "finishProviderSignIn", "Come back from another company, signed in or linked",
                    tag: ProviderStartRoutes.tag, isPage: true,
                    answers: [
                        .empty(303, "Signed in, with the cookies; or linked; or the person said no there"),
                        .empty(204, "The browser only looks ahead"),
                    ] + Self.refusals.map { .problem($0) }
                ).withQuery(CallbackQuery.self)
            ) { request in
                // The code is used once: not by a browser that only looks ahead.
                if request.looksAhead { return Response(status: 204, headers: [("Cache-Control", "no-store")]) }
                return try await answer(request)
            }
        ]
    }

    private static let refusals: [ProblemKind] = [
        .invalidState, .invalidReturnTo, .stepUpRequired, .emailNotVerified, .accountInactive, .accountBlocked,
        .registrationClosed,
        .providerNotAllowed, .accountExists, .emailRequired, .identityTaken, .tooManyAttempts, .providerUnavailable,
        .providerRejected,
    ]

    private func answer(_ request: Request) async throws -> Response {
        try await limit.checkFlow(request, route: "provider_callback")
        // Whatever is wrong with the parameters, the one thing to do is to start again.
        guard let query = try? request.readQuery(CallbackQuery.self), (query.code == nil) != (query.error == nil),
            let flow = cookies.flow(of: query.state, request), flow.isOpen(at: clock.now),
            flow.provider.segment == request.pathValues.first, isFromIssuer(query, flow)
        else { throw Problem(.invalidState) }
        guard let code = query.code else { return try refused(query.error ?? "", flow, request) }
        let target = try rules.checked(flow.returnTo)
        let session = try await gate.admitIfAny(request, needing: .session).flatMap { try? $0.caller }
        if let asked = flow.intent.caller, asked != session { throw Problem(.invalidState) }
        let command = FinishFlowCommand(
            flow: flow, callback: ProviderCallback(code: Secret(code), issuer: query.issuer), client: request.client,
            session: session, locale: request.pageLanguage)
        switch try await once(flow, { await run(command, target, request) }) {
        case .answered(let bytes): return try FlowAnswer.response(bytes)
        case .over: throw Problem(.invalidState)
        case .running: throw Problem.providerUnavailable(retryAfter: .seconds(5))
        }
    }

    /// Of a provider that says who it is in each callback, another one's word counts for nothing (RFC 9207).
    private func isFromIssuer(_ query: CallbackQuery, _ flow: ProviderFlow) -> Bool {
        guard let given = query.issuer else {
            return providers[flow.provider]?.capabilities.announcesIssuer != true
        }
        return flow.issuer.map { $0.utf8.elementsEqual(given.utf8) } ?? true
    }

    /// The person said no there, or the company did. Nothing is changed, and another try may come with this flow.
    private func refused(_ error: String, _ flow: ProviderFlow, _ request: Request) throws -> Response {
        if error != "access_denied" {
            ProviderFault.rejected(reason: "the callback says \(error)").log(flow.provider, request, logger)
        }
        switch error {
        case "access_denied": return try cancelled(flow)
        case "server_error", "temporarily_unavailable": throw Problem.providerUnavailable(retryAfter: .seconds(5))
        case "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_response_type", "invalid_client":
            throw Problem(.providerRejected)
        default: throw Problem(.invalidState, "The company did not finish the sign-in; start again")
        }
    }

    /// Back to where the person chose the company; an app hears it.
    private func cancelled(_ flow: ProviderFlow) throws -> Response {
        let target = flow.returnTo.flatMap { rules.target($0) }
        if flow.challenge != nil, let target { return .seeOther(target.adding("error", "access_denied")) }
        if flow.intent.caller != nil { return .seeOther((target ?? .path("/account/identities")).text) }
        let returnTo = target.map { "&return_to=\(PercentCoding.encode($0.text))" } ?? ""
        return .seeOther("/sign-in?cancelled=\(PercentCoding.encode(flow.provider.text))\(returnTo)")
    }

    private func run(
        _ command: FinishFlowCommand, _ target: ReturnTarget?, _ request: Request
    ) async -> OncePerFlow.Answer {
        do {
            var response = try response(to: try await finish(command), command, target, request)
            response.setCookie(try cookies.end(command.flow))
            return OncePerFlow.Answer(bytes: FlowAnswer.bytes(response), isRefusal: false)
        } catch {
            return OncePerFlow.Answer(bytes: FlowAnswer.bytes(problem(error, request)), isRefusal: true)
        }
    }

    private func problem(_ error: any Error, _ request: Request) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let failure as Unavailable:
            logger.warning(
                "unavailable",
                [
                    "resource": .text(failure.resource), "reason": .text(failure.reason),
                    "request_id": .text(request.id),
                ])
            return .unavailable(retryAfter: failure.retryAfter)
        default:
            logger.error("request failed", ["cause": .text("\(error)"), "request_id": .text(request.id)])
            return Problem(.internalError)
        }
    }

    private func response(
        to outcome: FinishFlowOutcome, _ command: FinishFlowCommand, _ target: ReturnTarget?, _ request: Request
    ) throws -> Response {
        let provider = command.flow.provider
        switch outcome {
        case .signIn(.signedIn(let signedIn)):
            return delivery.redirect(to: (target ?? .path("/account")).text, signedIn, from: request)
        case .signIn(.secondFactorNeeded(let demand)): return delivery.secondFactorPage(demand)
        case .signIn(.refused(let refusal)): throw refusal.problem(invalid: .invalidCredentials)
        case .appCode(let code):
            guard let target else { throw Problem(.invalidReturnTo) }
            return .seeOther(target.adding("code", code.reveal()))
        case .unproved(let account):
            throw Problem(.emailNotVerified, "A mail is on its way that proves the address")
                .setting([registrations.cookie(remembering: account.user.id, of: request)])
        case .addressNeeded(let identity): return try askForAddress(identity, request)
        case .accountExists: throw Problem(.accountExists)
        case .registrationClosed: throw Problem(.registrationClosed)
        case .linked: return .seeOther((target ?? .path("/account/identities")).text)
        case .identityTaken: throw Problem(.identityTaken)
        case .steppedUp(let token): return delivery.redirect(to: (target ?? .path("/account")).text, token)
        case .secondFactorDue(let demand):
            throw Problem.stepUp(needsSecondFactor: demand.needsSecondFactor, maxAge: demand.maxAge)
        case .identityUnknown: throw Problem(.invalidState, "This is not the account that you have linked")
        case .sessionOver: throw Problem(.invalidState)
        case .failed(.denied): return try cancelled(command.flow)
        case .failed(let fault):
            fault.log(provider, request, logger)
            throw fault.problem ?? Problem(.providerUnavailable)
        }
    }

    private func askForAddress(_ identity: PendingIdentity, _ request: Request) throws -> Response {
        throw Problem(.emailRequired).setting([try pending.cookie(identity)])
    }
}

extension Response {
    static func seeOther(_ location: String) -> Response {
        Response(status: 303, headers: [("Location", location), ("Cache-Control", "no-store")])
    }
}
