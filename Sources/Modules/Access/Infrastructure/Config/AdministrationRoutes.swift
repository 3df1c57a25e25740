import AccountsContract
import Authorization
import Composition
import Crypto
import HTTP
import Idempotency
import Shared

/// The REST adapters of the administration, wired.
package enum AdministrationRoutes {
    static func all(
        _ useCases: AccessUseCases, _ adapters: AccessAdapters, _ dependencies: AccessDependencies, _ gate: any Gate
    ) -> [Route] {
        let administration = AdministrationUseCases(
            work: adapters.work, users: dependencies.accounts.users,
            standings: adapters.standings, services: adapters.services, meter: dependencies.metering.meter,
            usage: dependencies.metering.usage,
            auditLog: SQLAuditLogSearch(database: dependencies.database), explain: useCases.explain,
            registry: dependencies.permissions, digest: adapters.digest, catalog: adapters.catalog,
            clock: dependencies.clock, identifiers: dependencies.identifiers, random: LibcryptoRandomSource())
        return all(
            administration, gate: gate, idempotency: dependencies.idempotency,
            clock: dependencies.clock)
    }

    package static func all(
        _ useCases: AdministrationUseCases, gate: any Gate, idempotency: IdempotencyKeys,
        clock: any WallClock
    ) -> [Route] {
        let routes: [[Route]] = [
            UserRoleRoutes(roles: useCases.userRoles, gate: gate).routes,
            EntitlementRoutes(entitlements: useCases.entitlements, gate: gate).routes,
            RoleRoutes(roles: useCases.roles, gate: gate, idempotency: idempotency).routes,
            ServiceRoutes(services: useCases.services, gate: gate, idempotency: idempotency).routes,
            APIKeyRoutes(
                keys: useCases.apiKeys, change: useCases.changeKey, gate: gate, idempotency: idempotency, clock: clock
            ).routes,
            PermissionRoutes(
                check: useCases.checkPermission, readOwn: useCases.readOwnRights, gate: gate
            ).routes,
            UsageRoutes(usage: useCases.usage, gate: gate).routes,
            AuditRoutes(search: useCases.auditLog, gate: gate).routes,
            ExplanationRoutes(explain: useCases.explain, gate: gate).routes,
        ]
        return routes.flatMap { $0 }
    }
}
