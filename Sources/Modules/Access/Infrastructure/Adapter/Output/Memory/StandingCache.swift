import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// What people may do, in memory: rights from roles, the plan from the entitlement, the account's state from Accounts.
/// While this process does not hear of changes it asks anew each time.
final class StandingCache: StandingDirectory {
    private let work: any AccessWork
    private let accounts: any AccountsFacade
    private let catalog: PlanCatalog
    private let isCurrent: @Sendable (Timestamp) -> Bool
    private let standings: LoadingCache<Identifier, Standing>
    private let plans: LoadingCache<TenantID, EffectivePlan>
    private let ruleCache = RuleCache()

    /// That there is no such account is believed for so long: one that registers is not kept waiting.
    private static let absenceLifetime: Duration = .seconds(1)

    /// - Parameter isCurrent: whether this process hears of changes in time, here and in Accounts.
    init(
        work: any AccessWork, accounts: any AccountsFacade, catalog: PlanCatalog, capacity: Int = 50_000,
        isCurrent: @escaping @Sendable (Timestamp) -> Bool
    ) {
        self.work = work
        self.accounts = accounts
        self.catalog = catalog
        self.isCurrent = isCurrent
        standings = LoadingCache(capacity: capacity)
        plans = LoadingCache(capacity: 1_000)
    }

    func standing(of userID: Identifier, at now: Timestamp) async throws -> Standing? {
        guard isCurrent(now) else { return try await load(userID, at: now).value }
        if let known = standings.find(userID, at: now) { return known.value }
        return try await standings.value(userID, at: now) { try await load(userID, at: now) }
    }

    func recallStanding(of userID: Identifier, at now: Timestamp) -> Recollection<Standing> {
        guard isCurrent(now), let known = standings.find(userID, at: now) else { return .unknown }
        return .known(known.value)
    }

    func recallPlan(of tenantID: TenantID, at now: Timestamp) -> EffectivePlan? {
        isCurrent(now) ? plans.find(tenantID, at: now)?.value : nil
    }

    func plan(of tenantID: TenantID, at now: Timestamp) async throws -> EffectivePlan {
        if let known = recallPlan(of: tenantID, at: now) { return known }
        let load = { [self] in
            let entitlement = try await work.read { try $0.entitlements.find(.tenant(tenantID)) }
            let plan = EffectivePlan(entitlement, catalog: catalog, at: now)
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
                // Also a tenant's entitlement is told by its identifier.
                plans.forget(TenantID(id))
            case .roles:
                standings.forgetAll()
                plans.forgetAll()
            case .services: ruleCache.removeAll()
            case .apiKey, .usage: break
            }
        }
    }

    private func load(
        _ userID: Identifier, at now: Timestamp
    ) async throws -> LoadingCache<Identifier, Standing>.Loaded {
        guard let account = try await accounts.standing(of: UserID(userID)) else {
            return .init(value: nil, expiresAt: now + Self.absenceLifetime)
        }
        let (roles, entitlement) = try await work.read { context in
            (try context.roles.roles(of: userID), try context.entitlements.find(.user(userID)))
        }
        let plan = EffectivePlan(entitlement, catalog: catalog, at: now)
        let isBlocked = account.isBlocked(at: now)
        let platformRoles = roles.filter { $0.tenantID == nil } + (account.isAdministrator ? [Self.administrator] : [])
        let standing = Standing(
            userID: userID, isGood: account.isActive && !isBlocked, email: account.address,
            roles: platformRoles.map(\.name).sorted(),
            rights: CallerRights(platform: PermissionSet(platformRoles.flatMap(\.permissions.permissions))), plan: plan)
        let blockEnd = isBlocked ? account.block?.until : nil
        let expiries = [plan.validUntil, blockEnd].compactMap { $0 }
        return .init(value: standing, expiresAt: expiries.min())
    }

    private static let administrator = Role(
        id: BuiltInRole.admin.platformID ?? RoleID(Identifier(high: 0, low: 0)), tenantID: nil,
        name: BuiltInRole.admin.rawValue, permissions: BuiltInRole.admin.permissions, isBuiltIn: true,
        createdAt: BuiltInRole.epoch, updatedAt: BuiltInRole.epoch)
}
