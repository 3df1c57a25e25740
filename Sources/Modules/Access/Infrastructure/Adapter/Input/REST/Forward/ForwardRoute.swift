import AccessApplication
import AccessDomain
import HTTP
import Shared

/// `GET /access/forward/{service}`: a gateway asks about a request that came to it, and tells its client what the answer
/// says. It counts the request. When warm, nothing in it suspends.
struct ForwardRoute: Sendable {
    let decide: any DecideAccess
    let refuse: any RefuseAtDoor
    let trust: GatewayTrust
    let origins: OriginPolicy
    let identities: any IdentityIssuer
    let visitors: VisitorCookie

    /// The gateway's own name of its client's request. Never `X-Request-Id`: that may come from the client, who would
    /// choose what is counted.
    private static let requestHeader = "x-gapura-request"

    var route: Route {
        Route(
            .get, "/access/forward/{service}",
            Operation(
                "forwardAccess", "Decide about a request at a gateway, and count it", tag: CheckRoute.tag,
                isForGateways: true,
                answers: [.empty(200, "It may pass; the headers tell who calls")]
                    + DenialReason.allCases.map { .problem($0.problemKind) } + [.problem(.originNotAllowed)]
            ).withQuery(ForwardQuery.self)
        ) { request in
            try await answer(request, service: request.pathValues[0], try ForwardQuery.read(request).dialect)
        }
    }

    private func answer(
        _ request: Request, service: String, _ dialect: ForwardDialect?
    ) async throws -> Response {
        guard let gateway = try await trust.gateway(of: request, for: service) else {
            return denied(refuse(.untrustedGateway, service: service, address: request.peer), request, dialect)
        }
        let address = trust.client(of: request)
        guard let target = ForwardTarget(request.headers, dialect), let client = ForwardCredential(request.headers)
        else { return denied(refuse(.ambiguousRequest, service: service, address: address), request, dialect) }
        if client.isCookie, !target.isSafe, !origins.allowsCookie(ofUnsafe: request.headers) {
            return ForwardAnswer.refused(Problem(.originNotAllowed), requestID: request.id, dialect)
        }
        let device = visitors.device(of: request)
        let answer = try await decide(
            AccessQuestion(
                credential: client.credential, visitor: AnonymousCaller(address: address, device: device),
                service: service, demand: target.demand,
                gatewayRequest: request.headers[Self.requestHeader].map {
                    AccessQuestion.GatewayName(gateway: gateway, requestID: $0)
                }))
        guard answer.decision.isAllowed, let caller = answer.decision.caller, let service = answer.service else {
            return denied(answer, request, dialect)
        }
        let identity = try identities.identity(of: caller, for: service, at: answer.decision.decidedAt)
        var response = ForwardAnswer.allowed(answer, caller, identity: identity)
        if caller.kind == .anonymous, device == nil, let cookie = visitors.made(for: request) {
            response.setCookie(cookie)
        }
        return response
    }

    private func denied(_ answer: AccessAnswer, _ request: Request, _ dialect: ForwardDialect?) -> Response {
        ForwardAnswer.denied(
            answer.decision.denial ?? .permissionDenied, answer.decision, requestID: request.id, dialect)
    }
}
