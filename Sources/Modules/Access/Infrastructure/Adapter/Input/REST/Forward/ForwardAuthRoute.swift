import AccessApplication
import AccessDomain
import AccountsContract
import HTTP
import Shared

/// `GET /access/forward/{service}`: a gateway asks about a request that came to it, and tells its client what the answer
/// says. It counts the request.
struct ForwardAuthRoute: Sendable {
    let decide: any DecideAccess
    let refuse: RefuseAtDoorService
    let trust: GatewayTrust
    let origins: OriginPolicy
    let identities: any IdentityIssuer
    let visitors: VisitorCookie
    let accounts: any AccountsFacade
    let browsers: BrowserSignIn

    /// The gateway's own name of its client's request. Never `X-Request-Id`: that may come from the client, who would
    /// choose what is counted.
    private static let requestHeader = "x-gapura-request"

    var route: Route {
        Route(
            .get, "/access/forward/{service}",
            Operation(
                "forwardAccess", "Decide about a request at a gateway, and count it", tag: CheckRoute.tag,
                isForGateways: true,
                answers: [
                    .empty(200, "It may pass; the headers tell who calls"),
                    .empty(303, "A browser that is not signed in: where it goes"),
                ]
                    + DenialReason.allCases.map { .problem($0.problemKind) } + [.problem(.originNotAllowed)]
            ).withQuery(ForwardQuery.self),
            attempt: attempt
        ) { request in
            try await answer(request, service: request.pathValues[0], try ForwardQuery.read(request).dialect)
        }
    }

    /// What gateways ask all day: a request that can be read in one way, by somebody who is known.
    private func attempt(_ request: Request) throws -> Response? {
        let service = request.pathValues[0]
        let dialect = try ForwardQuery.read(request).dialect
        guard decide.canRecall, let gateway = trust.recall(request, for: service),
            case .open(let asked) = read(request, dialect), asked.client.choices == nil,
            leads(request, service, asked) == nil,
            let answer = decide.recall(question(request, service, gateway, asked))
        else { return nil }
        return try response(answer, request, asked, dialect)
    }

    private func answer(
        _ request: Request, service: String, _ dialect: ForwardDialect?
    ) async throws -> Response {
        guard let gateway = try await trust.gateway(of: request, for: service) else {
            return denied(refuse(.untrustedGateway, service: service, address: request.peer), request, dialect)
        }
        switch read(request, dialect) {
        case .refused(let reason):
            return denied(refuse(reason, service: service, address: trust.client(of: request)), request, dialect)
        case .open(var asked):
            if let cookies = asked.client.choices {
                switch try await accounts.choose(own: cookies.own, others: cookies.common) {
                case .one(let token, _): asked.client = ForwardCredential(cookie: token)
                case .none: break
                case .ofSeveralPeople:
                    let address = trust.client(of: request)
                    return denied(refuse(.ambiguousRequest, service: service, address: address), request, dialect)
                }
            }
            if let address = leads(request, service, asked) { return ForwardAnswer.leading(to: address, dialect) }
            return try response(
                try await decide(question(request, service, gateway, asked)), request, asked, dialect)
        }
    }

    private func leads(_ request: Request, _ service: String, _ asked: Asked) -> String? {
        browsers.beforeDeciding(
            request, service, asked.target, hasCredential: !asked.client.isAbsent)
    }

    private enum Reading {
        case open(Asked)
        case refused(DenialReason)
    }

    /// What the gateway's client wants.
    private struct Asked {
        let target: ForwardTarget
        var client: ForwardCredential
        let device: Identifier?
    }

    private func read(_ request: Request, _ dialect: ForwardDialect?) -> Reading {
        let target: ForwardTarget
        do throws(ForwardTarget.Refusal) {
            target = try ForwardTarget(request.headers, dialect)
        } catch {
            return .refused(error == .tooLong ? .pathTooLong : .ambiguousRequest)
        }
        guard let client = ForwardCredential(request.headers) else { return .refused(.ambiguousRequest) }
        if client.isCookie, !target.isSafe || ForwardTarget.opensWebSocket(request.headers),
            !origins.allowsCookie(ofUnsafe: request.headers)
        {
            // A cookie, sent along with a request that some other page made.
            return .refused(.originNotAllowed)
        }
        return .open(Asked(target: target, client: client, device: visitors.device(of: request)))
    }

    private func question(
        _ request: Request, _ service: String, _ gateway: GatewayRequest.Gateway, _ asked: Asked
    ) -> AccessQuestion {
        AccessQuestion(
            credential: asked.client.credential,
            visitor: AnonymousCaller(address: trust.client(of: request), device: asked.device), service: service,
            demand: asked.target.demand,
            gatewayRequest: request.headers[Self.requestHeader].map {
                AccessQuestion.GatewayName(gateway: gateway, requestID: $0)
            }, isOfCookie: asked.client.isCookie)
    }

    private func response(
        _ answer: AccessAnswer, _ request: Request, _ asked: Asked, _ dialect: ForwardDialect?
    ) throws -> Response {
        guard answer.decision.isAllowed, let caller = answer.decision.caller, let service = answer.service else {
            if answer.decision.denial?.status == 401, asked.client.isCookie || asked.client.isAbsent,
                let address = browsers.address(request, request.pathValues[0], asked.target)
            {
                return ForwardAnswer.leading(to: address, dialect, answer.reference)
            }
            return denied(answer, request, dialect)
        }
        let identity = try identities.identity(of: caller, for: service, at: answer.decision.decidedAt)
        var response = ForwardAnswer.allowed(answer, caller, identity: identity)
        if caller.kind == .anonymous, asked.device == nil, let cookie = visitors.made(for: request) {
            response.setCookie(cookie)
        }
        return response
    }

    private func denied(_ answer: AccessAnswer, _ request: Request, _ dialect: ForwardDialect?) -> Response {
        ForwardAnswer.denied(answer, requestID: request.id, dialect)
    }
}
