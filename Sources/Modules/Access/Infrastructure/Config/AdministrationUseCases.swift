import AccessApplication
import AccessDomain
import AccountsContract
import Shared

/// The use cases of the administration.
package struct AdministrationUseCases: Sendable {
    let userRoles: ManageUserRolesService
    let roles: ManageRolesService
    let services: ManageServicesService
    let apiKeys: ManageAPIKeysService
    let changeKey: ChangeAPIKeyService
    let rotateKey: RotateAPIKeyService
    let serviceAccounts: ManageServiceAccountsService
    let entitlements: ManageEntitlementsService
    let checkPermission: CheckPermissionService
    let readOwnRights: ReadOwnRightsService
    let usage: ReadUsageService
    let auditLog: any AuditLogSearch
    let explain: ExplainDecisionService
    let registry: PermissionRegistry

    /// - Parameters:
    ///   - users: of Accounts.
    ///   - services: as the gate has them in memory.
    package init(
        work: any AccessWork, users: any UserAdministration,
        standings: any StandingDirectory, services: any ServiceDirectory, meter: any Meter, usage: any UsageReader,
        auditLog: any AuditLogSearch, explain: ExplainDecisionService, registry: PermissionRegistry,
        digest: any KeyDigest, catalog: PlanCatalog, issuer: String,
        clock: any WallClock, identifiers: any IdentifierSource, random: any RandomSource
    ) {
        userRoles = ManageUserRolesService(work: work, users: users, clock: clock)
        roles = ManageRolesService(work: work, registry: registry, clock: clock)
        self.services = ManageServicesService(
            work: work, registry: registry, issuer: issuer, clock: clock)
        apiKeys = ManageAPIKeysService(
            work: work, users: users, registry: registry, digest: digest, random: random, clock: clock)
        changeKey = ChangeAPIKeyService(work: work, users: users, clock: clock)
        rotateKey = RotateAPIKeyService(work: work, digest: digest, random: random, clock: clock)
        serviceAccounts = ManageServiceAccountsService(work: work, meter: meter, clock: clock)
        entitlements = ManageEntitlementsService(
            work: work, users: users, catalog: catalog, clock: clock, identifiers: identifiers)
        checkPermission = CheckPermissionService(standings: standings, clock: clock)
        readOwnRights = ReadOwnRightsService(standings: standings, clock: clock)
        self.usage = ReadUsageService(
            work: work, meter: meter, reader: usage, services: services, standings: standings, clock: clock)
        self.auditLog = auditLog
        self.explain = explain
        self.registry = registry
    }
}
