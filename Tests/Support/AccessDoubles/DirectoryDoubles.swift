import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization
import TestSupport

/// The services that a test says.
package final class ServiceDirectoryDouble: ServiceDirectory {
    private let services: Mutex<[RegisteredService]>

    package init(_ services: [RegisteredService] = []) {
        self.services = Mutex(services)
    }

    package func set(_ services: [RegisteredService]) { self.services.withLock { $0 = services } }

    package func service(_ slug: String) -> RegisteredService? {
        services.withLock { $0.first { $0.slug.text == slug } }
    }

    package var all: [RegisteredService] { services.withLock { $0.sorted { $0.slug < $1.slug } } }
}

/// The people that a test says.
package final class StandingDirectoryDouble: StandingDirectory {
    private struct State {
        var standings: [Identifier: Standing] = [:]
        var serviceAccounts: [ServiceAccountID: ServiceAccountStanding] = [:]
        var plans: [TenantID: EffectivePlan] = [:]
    }

    private let state = Mutex(State())
    private let catalog: PlanCatalog

    package init(catalog: PlanCatalog = .standard) {
        self.catalog = catalog
    }

    package func set(_ standing: Standing) { state.withLock { $0.standings[standing.userID] = standing } }
    package func set(_ standing: ServiceAccountStanding) {
        state.withLock { $0.serviceAccounts[standing.id] = standing }
    }
    package func set(_ plan: EffectivePlan, of tenant: TenantID) { state.withLock { $0.plans[tenant] = plan } }

    package func standing(of userID: Identifier, at now: Timestamp) async throws -> Standing? {
        state.withLock { $0.standings[userID] }
    }

    package func recallStanding(of userID: Identifier, at now: Timestamp) -> MemoryLookup<Standing> {
        CacheLevel.current >= .people ? MemoryLookup(state.withLock { $0.standings[userID] }) : .unknown
    }

    package func standing(
        ofServiceAccount id: ServiceAccountID, at now: Timestamp
    ) async throws -> ServiceAccountStanding? {
        state.withLock { $0.serviceAccounts[id] }
    }

    package func recallStanding(
        ofServiceAccount id: ServiceAccountID, at now: Timestamp
    ) -> MemoryLookup<ServiceAccountStanding> {
        CacheLevel.current >= .people ? MemoryLookup(state.withLock { $0.serviceAccounts[id] }) : .unknown
    }

    package func plan(of tenantID: TenantID, at now: Timestamp) async throws -> EffectivePlan {
        state.withLock { $0.plans[tenantID] } ?? EffectivePlan(nil, catalog: catalog, at: now)
    }

    package func recallPlan(of tenantID: TenantID, at now: Timestamp) -> EffectivePlan? {
        CacheLevel.current >= .people ? state.withLock { $0.plans[tenantID] } : nil
    }

    package func rules(_ plan: EffectivePlan, for service: RegisteredService) -> [ChargeRule] {
        plan.plan == .anonymous ? plan.anonymousRules(for: service.slug) : plan.rules(for: service.slug)
    }
}

/// The credentials that a test says are good.
package final class CredentialReaderDouble: CredentialReader {
    private struct State {
        var tokens: [String: TokenHolder] = [:]
        var keys: [String: APIKey] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func add(token: String, of user: Identifier) {
        state.withLock { $0.tokens[token] = TokenHolder(userID: user, isSignedIn: true) }
    }

    /// The token's session ends.
    package func end(token: String) {
        state.withLock { state in
            guard let holder = state.tokens[token] else { return }
            state.tokens[token] = TokenHolder(userID: holder.userID, isSignedIn: false)
        }
    }

    package func add(_ key: APIKey, text: String) { state.withLock { $0.keys[text] = key } }
    package func removeAll() { state.withLock { $0 = State() } }

    package func holder(accessToken: String) async throws -> TokenHolder? {
        state.withLock { $0.tokens[accessToken] }
    }

    package func recallHolder(accessToken: String, at now: Timestamp) -> MemoryLookup<TokenHolder> {
        CacheLevel.current >= .credentials ? MemoryLookup(state.withLock { $0.tokens[accessToken] }) : .unknown
    }

    package func apiKey(_ text: String, at now: Timestamp) async throws -> APIKey? { key(text, at: now) }

    package func recallKey(_ text: String, at now: Timestamp) -> MemoryLookup<APIKey> {
        CacheLevel.current >= .credentials ? MemoryLookup(key(text, at: now)) : .unknown
    }

    private func key(_ text: String, at now: Timestamp) -> APIKey? {
        state.withLock { $0.keys[text] }.flatMap { $0.state(at: now) == .open ? $0 : nil }
    }
}

/// Says in plain text whose it is: `user <id> free cvmaker`.
package struct IdentityIssuerDouble: IdentityIssuer {
    package init() {}

    package func identity(of caller: Caller, for service: RegisteredService, at now: Timestamp) throws -> String {
        let subject = caller.userID?.description ?? caller.serviceAccountID?.description ?? "-"
        return "\(caller.kind.rawValue) \(subject) \(caller.plan) \(service.slug)"
    }
}
