import AccessContract
import AccessDomain
import Shared

/// By the services that the key lists. It belongs to nobody, so what happens to whoever made it does not matter.
package struct RecognizeGatewayService: RecognizeGateway {
    private let services: any ServiceDirectory
    private let credentials: any CredentialReader
    private let freshness: any Freshness
    private let clock: any WallClock

    package init(
        services: any ServiceDirectory, credentials: any CredentialReader, freshness: any Freshness,
        clock: any WallClock
    ) {
        self.services = services
        self.credentials = credentials
        self.freshness = freshness
        self.clock = clock
    }

    package func callAsFunction(key text: String, for service: String?) async throws -> GatewayRecognition {
        let now = clock.now
        try await freshness.refreshIfStale(at: now)
        return recognition(of: try await credentials.apiKey(text, at: now), for: service)
    }

    package func recall(key text: String, for service: String?) -> GatewayRecognition? {
        let now = clock.now
        guard freshness.isFresh(at: now) else { return nil }
        return switch credentials.recallKey(text, at: now) {
        case .known(let key): recognition(of: key, for: service)
        case .absent: recognition(of: nil, for: service)
        case .unknown: nil
        }
    }

    private func recognition(of key: APIKey?, for service: String?) -> GatewayRecognition {
        guard let key else { return .invalidKey }
        guard key.kind == .gateway else { return .notAllowed }
        guard let service else { return .recognized(key.id) }
        // A name that no service has is told to those alone who may ask about each.
        let mayAsk =
            if let known = services.service(service) {
                key.services.includes(known.slug)
            } else {
                key.services.listsEvery && ServiceSlug(service) != nil
            }
        return mayAsk ? .recognized(key.id) : .notAllowed
    }
}
