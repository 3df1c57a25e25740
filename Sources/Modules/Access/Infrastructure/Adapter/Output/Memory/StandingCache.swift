import AccessApplication
import AccessContract
import AccessDomain
import Shared

/// What people and service accounts may do, in memory. While this process does not hear of changes it asks the store each time.
final class StandingCache: StandingDirectory {
    private let reader: StandingReader
    private let isCurrent: @Sendable (Timestamp) -> Bool
    private let standings: LoadingCache<Identifier, Standing>
    private let serviceAccounts: LoadingCache<ServiceAccountID, ServiceAccountStanding>
    private let plans: LoadingCache<TenantID, EffectivePlan>
    private let ruleCache = RuleCache()

    /// That there is no such account is believed for so long: one that registers is not kept waiting.
    private static let absenceLifetime: Duration = .seconds(1)

    /// - Parameter isCurrent: whether this process hears of changes in time, here and in Accounts.
    init(
        reader: StandingReader, capacity: Int = 50_000, isCurrent: @escaping @Sendable (Timestamp) -> Bool
    ) {
        self.reader = reader
        self.isCurrent = isCurrent
        standings = LoadingCache(capacity: capacity)
        serviceAccounts = LoadingCache(capacity: 10_000)
        plans = LoadingCache(capacity: 1_000)
    }

    func standing(of userID: Identifier, at now: Timestamp) async throws -> Standing? {
        guard isCurrent(now) else { return try await load(userID, at: now).value }
        if let known = standings.find(userID, at: now) { return known.value }
        return try await standings.value(userID, at: now) { try await load(userID, at: now) }
    }

    func recallStanding(of userID: Identifier, at now: Timestamp) -> MemoryLookup<Standing> {
        guard isCurrent(now), let known = standings.find(userID, at: now) else { return .unknown }
        guard let standing = known.value else { return .absent }
        return .known(standing)
    }

    func standing(
        ofServiceAccount id: ServiceAccountID, at now: Timestamp
    ) async throws -> ServiceAccountStanding? {
        let load = { [reader] in
            let standing = try await reader.standing(ofServiceAccount: id, at: now)
            return LoadingCache<ServiceAccountID, ServiceAccountStanding>.Loaded(
                value: standing, expiresAt: standing == nil ? now + Self.absenceLifetime : standing?.plan.validUntil)
        }
        guard isCurrent(now) else { return try await load().value }
        if let known = serviceAccounts.find(id, at: now) { return known.value }
        return try await serviceAccounts.value(id, at: now, load)
    }

    func recallStanding(
        ofServiceAccount id: ServiceAccountID, at now: Timestamp
    ) -> MemoryLookup<ServiceAccountStanding> {
        guard isCurrent(now), let known = serviceAccounts.find(id, at: now) else { return .unknown }
        guard let standing = known.value else { return .absent }
        return .known(standing)
    }

    func recallPlan(of tenantID: TenantID, at now: Timestamp) -> EffectivePlan? {
        isCurrent(now) ? plans.find(tenantID, at: now)?.value : nil
    }

    func plan(of tenantID: TenantID, at now: Timestamp) async throws -> EffectivePlan {
        if let known = recallPlan(of: tenantID, at: now) { return known }
        let load = { [reader] in
            let plan = try await reader.plan(of: tenantID, at: now)
            return LoadingCache<TenantID, EffectivePlan>.Loaded(value: plan, expiresAt: plan.validUntil)
        }
        let loaded = isCurrent(now) ? try await plans.value(tenantID, at: now, load) : try await load().value
        guard let loaded else { throw InternalFailure("a plan was loaded and is not there") }
        return loaded
    }

    func rules(_ plan: EffectivePlan, for service: RegisteredService) -> [ChargeRule] {
        ruleCache.rules(plan, for: service)
    }

    /// Forgets what is stale.
    func apply(_ changes: [AccessChange]) {
        for change in changes {
            switch change {
            case .user(let id):
                standings.forget(id)
                // Also tenants and service accounts are told of by their identifiers.
                plans.forget(TenantID(id))
                serviceAccounts.forget(ServiceAccountID(id))
            case .roles:
                standings.forgetAll()
                serviceAccounts.forgetAll()
                plans.forgetAll()
            case .services: ruleCache.removeAll()
            case .apiKey, .usage: break
            }
        }
    }

    private func load(
        _ userID: Identifier, at now: Timestamp
    ) async throws -> LoadingCache<Identifier, Standing>.Loaded {
        let reading = try await reader.standing(of: userID, at: now)
        guard let reading else { return .init(value: nil, expiresAt: now + Self.absenceLifetime) }
        return .init(value: reading.standing, expiresAt: reading.validUntil)
    }
}
