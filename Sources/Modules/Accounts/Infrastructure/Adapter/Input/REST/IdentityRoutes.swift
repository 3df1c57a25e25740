import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import Cache
import HTTP
import Shared

/// The caller's own accounts at other companies.
struct IdentityRoutes: Sendable {
    let identities: ManageIdentitiesService
    let start: StartProviderFlowService
    let providers: IdentityProviders
    let cookies: FlowCookies
    let rules: ReturnRules
    let gate: any Gate
    let limits: any RateLimitStore
    /// Nil: off.
    let limit: RateLimitRule?
    let clock: any WallClock
    let logger: Logger

    static let linksPerAccount = RateLimitRule(quota: 10, window: .seconds(3_600))

    private static let tag = "Providers"

    var routes: [Route] { [listRoute, linkRoute, stepUpRoute, removeRoute] }

    private var listRoute: Route {
        Route(
            .get, "/me/identities",
            Operation(
                "listIdentities", "The caller's accounts at other companies, and the ways of signing in", tag: Self.tag,
                answers: [.json(200, IdentitiesAnswer.self, "The oldest first")]),
            needs: .session, gate: gate
        ) { _, principal in
            guard let (identities, methods) = try await identities.list(try principal.caller) else {
                throw Problem.unauthenticated(.unauthenticated)
            }
            return .json(IdentitiesAnswer(identities: identities, methods: methods, providers: providers))
        }
    }

    private var linkRoute: Route {
        Route(
            .post, "/me/identities/{provider}/link",
            Operation(
                "linkIdentity", "Begin to link an account at another company, as one more way to sign in",
                tag: Self.tag,
                answers: [
                    .json(
                        200, AuthorizeAnswer.self, "Where the browser has to go, with the cookie that it takes along"),
                    .empty(303, "The company's page, for forms"), .problem(.invalidReturnTo),
                    .problem(.providerUnknown), .problem(.tooManyAttempts), .problem(.providerUnavailable),
                ]),
            needs: .session, stepUp: .fresh, gate: gate,
            reads: .optionalBody(LinkIdentityBody.self, formats: [.json, .form])
        ) { request, body, principal in
            let caller = try principal.caller
            if let limit { try await limits.check("link_identity", key: "user:\(caller.userID)", limit) }
            return try await begin(.link(caller), request, body)
        }
    }

    private var stepUpRoute: Route {
        Route(
            .post, "/step-up/{provider}",
            Operation(
                "stepUpWithProvider", "Begin to prove once more who you are, with a linked company that asks again",
                tag: Self.tag,
                answers: [
                    .json(
                        200, AuthorizeAnswer.self, "Where the browser has to go, with the cookie that it takes along"),
                    .empty(303, "The company's page, for forms"), .problem(.invalidReturnTo),
                    .problem(.providerUnknown), .problem(.tooManyAttempts), .problem(.providerUnavailable),
                ]),
            needs: .session, gate: gate, reads: .optionalBody(LinkIdentityBody.self, formats: [.json, .form])
        ) { request, body, principal in
            let caller = try principal.caller
            if let limit { try await limits.check("step_up_provider", key: "user:\(caller.userID)", limit) }
            return try await begin(.stepUp(caller), request, body)
        }
    }

    private func begin(
        _ intent: ProviderFlow.Intent, _ request: Request, _ body: LinkIdentityBody?
    ) async throws -> Response {
        let provider = ProviderName(stored: request.pathValues.first ?? "")
        let command = StartFlowCommand(
            provider: provider, intent: intent, returnTo: try rules.checked(body?.returnTo),
            language: request.pageLanguage)
        switch await start(command) {
        case .unknownProvider: throw Problem(.providerUnknown)
        case .failed(let fault):
            fault.log(provider, request, logger)
            throw fault.problem ?? Problem(.providerUnavailable)
        case .started(let flow, let address):
            var response = request.wantsPage ? Response.seeOther(address) : .json(AuthorizeAnswer(address: address))
            for cookie in try cookies.begin(flow, request, at: clock.now) { response.setCookie(cookie) }
            return response
        }
    }

    private var removeRoute: Route {
        Route(
            .delete, "/me/identities/{id}",
            Operation(
                "removeIdentity", "Sign in no more by one of the caller's accounts at other companies", tag: Self.tag,
                answers: [
                    .empty(204, "It is removed, and the sessions that it opened are over"), .problem(.notFound),
                    .problem(.lastSignInMethod),
                ]),
            needs: .session, stepUp: .fresh, gate: gate
        ) { request, principal in
            switch try await identities.remove(
                try request.pathID(), try principal.caller, client: request.client)
            {
            case .removed: return .noContent()
            case .unknown: throw Problem(.notFound)
            case .lastMethod: throw Problem(.lastSignInMethod)
            }
        }
    }
}
