import AccountsApplication
import AccountsDomain
import Cache
import HTTP
import Pages
import Shared

/// Going on with a session after its access token.
struct RefreshRoutes: Sendable {
    let rotate: RotateRefreshTokenService
    let tokens: any TokenIssuer
    let origins: OriginPolicy
    let delivery: TokenDelivery
    let frame: PageFrame
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
        ] + continueRoutes
    }

    private func refresh(_ request: Request, given: Secret<String>?) async throws -> Response {
        let token = try given ?? cookie(of: request)
        try await checkLimit(token)
        switch try await rotate(token, client: request.client) {
        case .refreshed(let signedIn):
            return delivery.refreshed(signedIn, to: request, cameInBody: given != nil)
        case .invalid: throw given == nil ? delivery.notRefreshed(request) : .unauthenticated(.invalidRefreshToken)
        case .reused: throw delivery.refusal(.refreshTokenReused)
        case .revoked: throw delivery.refusal(.sessionRevoked)
        case .superseded: throw Problem(.refreshTokenSuperseded)
        }
    }

    func cookie(of request: Request) throws -> Secret<String> {
        let found = request.headers.cookies(CredentialName.refreshCookie).filter { !$0.isEmpty }.map { Secret($0) }
        guard let first = found.first else { throw delivery.notRefreshed(request) }
        guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
        guard found.count > 1 else { return first }
        // A neighbouring domain can set one of this name too: the genuine one counts, and of a session's the newest. Of
        // two sessions nobody can tell which is the browser's own.
        let genuine = found.compactMap { token in
            tokens.read(refreshToken: token).map { (token: token, reading: $0) }
        }
        guard let newest = genuine.max(by: { $0.reading.generation < $1.reading.generation }),
            genuine.allSatisfy({ $0.reading.sessionID == newest.reading.sessionID })
        else { throw delivery.notRefreshed(request) }
        return newest.token
    }

    /// Per session, which only a genuine token names.
    func checkLimit(_ token: Secret<String>) async throws {
        guard let limit, let session = tokens.read(refreshToken: token)?.sessionID else { return }
        try await limits.check("refresh_token", key: "\(session)", limit)
    }
}
