import AccountsApplication
import AccountsDomain
import Cache
import HTTP
import Shared

/// Going on with a session after its access token.
struct RefreshRoutes: Sendable {
    let rotate: any RotateRefreshToken
    let tokens: any TokenIssuer
    let origins: OriginPolicy
    let delivery: TokenDelivery
    let limits: any RateLimitStore
    /// Nil: off.
    let limit: RateLimitRule?

    static let limitPerSession = RateLimitRule(quota: 30, window: .seconds(60))

    var routes: [Route] {
        [
            Route(
                .post, "/refresh-token",
                Operation(
                    "refreshToken",
                    "New tokens for the refresh token of the cookie or the body; a lost answer can be asked for again",
                    tag: "Sessions",
                    answers: [
                        .json(200, SignedInAnswer.self, "The session's new tokens"), .problem(.invalidRefreshToken),
                        .problem(.refreshTokenReused), .problem(.sessionRevoked), .problem(.originNotAllowed),
                        .problem(.refreshTokenSuperseded), .problem(.tooManyAttempts),
                    ]),
                optionalBody: RefreshTokenBody.self
            ) { request, body in try await refresh(request, given: body?.refreshToken) }
        ]
    }

    private func refresh(_ request: Request, given: Secret<String>?) async throws -> Response {
        let token = try given ?? cookie(of: request)
        try await checkLimit(token)
        switch try await rotate(token, client: request.client) {
        case .refreshed(let signedIn):
            return delivery.answer(signedIn, to: request, cameInBody: given != nil)
        case .invalid: throw Problem.unauthenticated(.invalidRefreshToken)
        case .reused: throw delivery.refusal(.refreshTokenReused)
        case .revoked: throw delivery.refusal(.sessionRevoked)
        case .superseded: throw Problem(.refreshTokenSuperseded)
        }
    }

    private func cookie(of request: Request) throws -> Secret<String> {
        guard let token = request.cookie(CredentialName.refreshCookie), !token.isEmpty else {
            throw Problem.unauthenticated(.invalidRefreshToken)
        }
        guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
        return Secret(token)
    }

    /// Per session, which only a genuine token names.
    private func checkLimit(_ token: Secret<String>) async throws {
        guard let limit, let session = tokens.read(refreshToken: token)?.sessionID else { return }
        try await limits.check("refresh_token", key: "\(session)", limit)
    }
}
