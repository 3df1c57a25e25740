import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// Finds out how somebody stands: rights from roles, the plan from the entitlement, the account's state from Accounts.
package struct StandingReader: Sendable {
    private let work: any AccessWork
    private let accounts: any AccountsFacade
    private let catalog: PlanCatalog

    package init(work: any AccessWork, accounts: any AccountsFacade, catalog: PlanCatalog) {
        self.work = work
        self.accounts = accounts
        self.catalog = catalog
    }

    /// A standing, and from when it is another one by the passing of time alone; nil for never.
    package struct Reading: Sendable {
        package let standing: Standing
        package let validUntil: Timestamp?
    }

    /// Nil if there is no such account.
    package func standing(of userID: Identifier, at now: Timestamp) async throws -> Reading? {
        guard let account = try await accounts.standing(of: UserID(userID)) else { return nil }
        let (roles, entitlement) = try await work.read { context in
            (try context.roles.roles(of: userID), try context.entitlements.find(.user(userID)))
        }
        return reading(account, roles, entitlement, at: now)
    }

    package func plan(of tenantID: TenantID, at now: Timestamp) async throws -> EffectivePlan {
        let entitlement = try await work.read { try $0.entitlements.find(.tenant(tenantID)) }
        return EffectivePlan(entitlement, catalog: catalog, at: now)
    }

    /// The same of a service account; nil if there is none.
    package func standing(
        ofServiceAccount id: ServiceAccountID, at now: Timestamp
    ) async throws -> ServiceAccountStanding? {
        let found = try await work.read { context in
            try context.serviceAccounts.find(id).map { account in
                (account, try context.serviceAccounts.roles(of: id), try context.entitlements.find(.serviceAccount(id)))
            }
        }
        guard let (account, roles, entitlement) = found else { return nil }
        return ServiceAccountStanding(
            id: id, isActive: account.isActive, roles: roles.map(\.name),
            rights: CallerRights(platform: PermissionSet(roles: roles)),
            plan: EffectivePlan(entitlement, catalog: catalog, at: now))
    }

    private func reading(
        _ account: UserStanding, _ roles: [Role], _ entitlement: Entitlement?, at now: Timestamp
    ) -> Reading {
        let plan = EffectivePlan(entitlement, catalog: catalog, at: now)
        let isBlocked = account.isBlocked(at: now)
        let platformRoles = roles.filter { $0.tenantID == nil } + (account.isAdministrator ? [Self.administrator] : [])
        let standing = Standing(
            userID: account.userID.value, isGood: account.isActive && !isBlocked, email: account.address,
            roles: platformRoles.map(\.name).sorted(),
            rights: CallerRights(platform: PermissionSet(platformRoles.flatMap(\.permissions.permissions))), plan: plan)
        let blockEnd = isBlocked ? account.block?.until : nil
        return Reading(standing: standing, validUntil: [plan.validUntil, blockEnd].compactMap { $0 }.min())
    }

    private static let administrator = Role(
        id: BuiltInRole.admin.platformID ?? RoleID(Identifier(high: 0, low: 0)), tenantID: nil,
        name: BuiltInRole.admin.rawValue, permissions: BuiltInRole.admin.permissions, isBuiltIn: true,
        createdAt: BuiltInRole.epoch, updatedAt: BuiltInRole.epoch)
}
