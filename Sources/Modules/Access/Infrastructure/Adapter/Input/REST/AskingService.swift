import AccessApplication
import AccessContract
import AccessDomain
import HTTP
import Shared

/// Finds out which service or gateway asks, by its key: `Authorization: Bearer gpk_...` or `X-Api-Key: gpk_...`. There is
/// no way around it, in development neither.
struct AskingService: Sendable {
    let recognize: any RecognizeGateway
    let refuse: RefuseAtDoorService

    /// - Parameter service: about which it asks; nil for what concerns none.
    /// - Returns: its key.
    /// - Throws: a problem 401 without a good key, 403 if it may not ask about that service.
    func key(of request: Request, for service: String?) async throws -> APIKeyID {
        guard let text = Self.key(in: request.headers) else { throw refusal(request, service, isMissing: true) }
        switch try await recognize(key: text, for: service) {
        case .recognized(let id): return id
        case .invalidKey: throw refusal(request, service, isMissing: false)
        case .notAllowed:
            throw Problem(
                refusing: refuse(.untrustedGateway, service: service ?? "", address: request.clientAddress),
                because: .untrustedGateway)
        }
    }

    /// The key if it may ask about that service; nil also if the store has to be asked.
    func recallKey(of request: Request, for service: String) -> APIKeyID? {
        guard let text = Self.key(in: request.headers),
            case .recognized(let id)? = recognize.recall(key: text, for: service)
        else { return nil }
        return id
    }

    private func refusal(_ request: Request, _ service: String?, isMissing: Bool) -> Problem {
        let challenge = isMissing ? #"Bearer realm="gapura""# : #"Bearer realm="gapura", error="invalid_token""#
        var problem = Problem(.unauthenticated, "An API key is needed", headers: [("WWW-Authenticate", challenge)])
        if !isMissing {
            problem.name(refuse(.untrustedGateway, service: service ?? "", address: request.clientAddress))
        }
        return problem
    }

    static func key(in headers: Headers) -> String? {
        switch headers.authorization {
        case .absent: headers["x-api-key"]
        case .bearer(let key): key
        case .other: nil
        }
    }
}
