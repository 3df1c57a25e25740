import AccessContract
import AccessDomain
import Shared

/// By the key's scopes and what its owner may do now.
package struct RecognizeGatewayService: RecognizeGateway {
    private let services: any ServiceDirectory
    private let standings: any StandingDirectory
    private let credentials: any CredentialReader
    private let freshness: any Freshness
    private let clock: any WallClock

    package init(
        services: any ServiceDirectory, standings: any StandingDirectory, credentials: any CredentialReader,
        freshness: any Freshness, clock: any WallClock
    ) {
        self.services = services
        self.standings = standings
        self.credentials = credentials
        self.freshness = freshness
        self.clock = clock
    }

    package func callAsFunction(key text: String, for service: String?) async throws -> GatewayRecognition {
        let now = clock.now
        try await freshness.refreshIfStale(at: now)
        guard let key = try await credentials.apiKey(text, at: now), let owner = Self.owner(of: key) else {
            return .invalidKey
        }
        return recognition(of: key, try await standings.standing(of: owner, at: now), for: service)
    }

    package func recall(key text: String, for service: String?) -> GatewayRecognition? {
        let now = clock.now
        guard freshness.isFresh(at: now), case .known(let key) = credentials.recallKey(text, at: now) else {
            return nil
        }
        guard let key, let owner = Self.owner(of: key) else { return .invalidKey }
        guard case .known(let standing) = standings.recallStanding(of: owner, at: now) else { return nil }
        return recognition(of: key, standing, for: service)
    }

    /// A tenant's own key is no service's: the right to ask is one over the platform.
    private static func owner(of key: APIKey) -> Identifier? {
        if case .user(let owner, in: nil) = key.owner { owner } else { nil }
    }

    private func recognition(of key: APIKey, _ standing: Standing?, for service: String?) -> GatewayRecognition {
        guard let standing, standing.isGood else { return .invalidKey }
        guard let service else { return .recognized(key.id) }
        let known = services.service(service)
        return mayAsk(key.scopes, known, service) && mayAsk(standing.rights.platform, known, service)
            ? .recognized(key.id) : .notAllowed
    }

    /// A name that no service has is told to those alone who may ask about each.
    private func mayAsk(_ rights: PermissionSet, _ known: RegisteredService?, _ name: String) -> Bool {
        if let known { return known.mayBeAskedAbout(with: rights) }
        return ServiceSlug(name) != nil && rights.grants(AccessPermission.check.permission)
    }
}
