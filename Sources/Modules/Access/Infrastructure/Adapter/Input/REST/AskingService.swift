import AccessApplication
import AccessContract
import AccessDomain
import HTTP
import Shared

/// Finds out which service or gateway asks, by its key: `Authorization: Bearer gpk_...` or `X-Api-Key: gpk_...`. There is
/// no way around it, in development neither.
struct AskingService: Sendable {
    let recognize: any RecognizeGateway
    let refuse: any RefuseAtDoor

    /// - Parameter service: about which it asks; nil for what concerns none.
    /// - Returns: its key.
    /// - Throws: a problem 401 without a good key, 403 if it may not ask about that service.
    func key(of request: Request, for service: String?) async throws -> APIKeyID {
        guard let text = Self.key(in: request.headers) else { throw refusal(request, service, isMissing: true) }
        switch try await recognize(key: text, for: service) {
        case .recognized(let id): return id
        case .invalidKey: throw refusal(request, service, isMissing: false)
        case .notAllowed:
            _ = refuse(.untrustedGateway, service: service ?? "", address: request.clientAddress)
            throw Problem(.untrustedGateway)
        }
    }

    private func refusal(_ request: Request, _ service: String?, isMissing: Bool) -> Problem {
        if !isMissing { _ = refuse(.untrustedGateway, service: service ?? "", address: request.clientAddress) }
        let challenge = isMissing ? #"Bearer realm="gapura""# : #"Bearer realm="gapura", error="invalid_token""#
        return Problem(.unauthenticated, "An API key is needed", headers: [("WWW-Authenticate", challenge)])
    }

    /// The scheme's name is case-insensitive (RFC 6750 § 2.1).
    static func key(in headers: Headers) -> String? {
        guard let authorization = headers["authorization"] else { return headers["x-api-key"] }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}
