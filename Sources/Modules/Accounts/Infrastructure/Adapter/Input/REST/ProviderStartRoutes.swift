import AccountsApplication
import AccountsDomain
import Cache
import HTTP
import Shared

/// Sending a browser to another company, to sign in there.
struct ProviderStartRoutes: Sendable {
    let start: StartProviderFlowService
    let providers: IdentityProviders
    let cookies: FlowCookies
    let rules: ReturnRules
    let limit: SignInLimit
    let clock: any WallClock
    let logger: Logger

    static let tag = "Providers"

    var routes: [Route] {
        [
            listRoute,
            route("/google/login", "logInWithGoogle", "Google", { _ in .google }),
            route("/github/login", "logInWithGitHub", "GitHub", { _ in .github }),
            route("/sber/login", "logInWithSber", "Sber ID", { _ in .sber }),
            route(
                "/oidc/{name}/login", "logInWithOpenID", "the issuer of this name",
                { ProviderName(openID: $0.pathValues.first ?? "") }),
        ]
    }

    private var listRoute: Route {
        Route(
            .get, "/auth/providers",
            Operation(
                "listProviders", "The companies by which people sign in here", tag: Self.tag,
                answers: [.json(200, ProvidersAnswer.self, "Those that are configured, in the order of their buttons")]),
            immediate: { _ in .json(ProvidersAnswer(providers: providers)) })
    }

    private func route(
        _ path: PathTemplate, _ id: String, _ company: String, _ name: @escaping @Sendable (Request) -> ProviderName
    ) -> Route {
        Route(
            .get, path,
            Operation(
                id, "Sign in with \(company): to its page, with a cookie that belongs to this sign-in", tag: Self.tag,
                isPage: true,
                answers: [
                    .empty(302, "The company's page"), .empty(204, "The browser only looks ahead"),
                    .problem(.invalidReturnTo), .problem(.providerUnknown), .problem(.tooManyAttempts),
                    .problem(.providerUnavailable),
                ]
            ).withQuery(StartFlowQuery.self)
        ) { request in
            // Nothing is begun for a browser that only looks ahead.
            if request.looksAhead { return Response(status: 204, headers: [("Cache-Control", "no-store")]) }
            return try await begin(name(request), request, try request.readQuery(StartFlowQuery.self))
        }
    }

    private func begin(_ provider: ProviderName, _ request: Request, _ query: StartFlowQuery) async throws -> Response {
        try await limit.checkFlow(request, route: "provider_start")
        guard providers[provider] != nil else { throw Problem(.providerUnknown) }
        let (returnTo, challenge) = try target(query)
        let command = StartFlowCommand(
            provider: provider, returnTo: returnTo, challenge: challenge, invitation: query.invitation,
            language: request.pageLanguage)
        switch await start(command) {
        case .unknownProvider: throw Problem(.providerUnknown)
        case .failed(let fault):
            fault.log(provider, request, logger)
            throw fault.problem ?? Problem(.providerUnavailable)
        case .started(let flow, let address):
            var response = Response(status: 302, headers: [("Location", address), ("Cache-Control", "no-store")])
            for cookie in try cookies.begin(flow, request, at: clock.now) { response.setCookie(cookie) }
            return response
        }
    }

    /// An app has both an address of its own and a challenge, or neither.
    private func target(_ query: StartFlowQuery) throws(Problem) -> (ReturnTarget?, [UInt8]?) {
        let target = try rules.checked(query.returnTo)
        var challenge: [UInt8]?
        if let text = query.challenge {
            guard let bytes = Base64URL.decode(text), bytes.count == 32 else {
                throw .validation([FieldError("code_challenge", "must be the SHA-256 of the verifier, as Base64url")])
            }
            challenge = bytes
        }
        switch target {
        case .app where challenge == nil:
            throw Problem(.invalidReturnTo, "An app's address needs a `code_challenge`")
        case nil where challenge != nil, .path where challenge != nil:
            throw Problem(.invalidReturnTo, "A `code_challenge` needs the app's address in `return_to`")
        default: return (target, challenge)
        }
    }
}

extension ReturnRules {
    /// - Throws: a problem 400 for a target that does not count; it is never replaced.
    func checked(_ text: String?) throws(Problem) -> ReturnTarget? {
        guard let text else { return nil }
        guard let target = target(text) else { throw Problem(.invalidReturnTo) }
        return target
    }
}

extension Request {
    /// Whether nobody has clicked yet: a browser loads what may be clicked next, or a program asks for the head.
    var looksAhead: Bool {
        if method == .head { return true }
        return ["sec-purpose", "purpose", "x-moz"].contains { name in
            headers[name]?.lowercased().contains("prefetch") == true
        }
    }
}

extension SignInLimit {
    private static let flows = RateLimitRule(quota: 30, window: .seconds(60))

    /// Counts the start or the end of a sign-in with another company: 30 a minute for a network, or as many more as
    /// `RATE_LIMIT_ADDRESS` gives it.
    func checkFlow(_ request: Request, route: String) async throws {
        guard let perPrefix else { return }
        let isRoomier = perPrefix.window == Self.flows.window && perPrefix.quota > Self.flows.quota
        try await checkNetworks(of: request.clientAddress, route: route, isRoomier ? perPrefix : Self.flows)
    }
}
