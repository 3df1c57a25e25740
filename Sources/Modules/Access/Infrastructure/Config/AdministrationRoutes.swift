import AccountsContract
import Authorization
import Composition
import Crypto
import HTTP
import Idempotency
import Lists
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
            issuer: dependencies.accounts.signing.issuer, clock: dependencies.clock,
            identifiers: dependencies.identifiers, random: LibcryptoRandomSource())
        return all(
            administration, gate: gate, idempotency: dependencies.idempotency, cursors: dependencies.cursors,
            clock: dependencies.clock) + pages(administration, adapters, dependencies, gate)
    }

    /// The pages on which people look after their keys and see what they have used.
    private static func pages(
        _ useCases: AdministrationUseCases, _ adapters: AccessAdapters, _ dependencies: AccessDependencies,
        _ gate: any Gate
    ) -> [Route] {
        let (frame, accounts) = (dependencies.pages, dependencies.accounts.facade)
        return KeyPages(
            frame: frame, accounts: accounts, keys: useCases.apiKeys, services: adapters.services, gate: gate,
            cursors: dependencies.cursors, identifiers: dependencies.identifiers, clock: dependencies.clock
        ).routes + UsagePages(frame: frame, accounts: accounts, usage: useCases.usage, gate: gate).routes
    }

    package static func all(
        _ useCases: AdministrationUseCases, gate: any Gate, idempotency: IdempotencyKeys, cursors: ListCursors,
        clock: any WallClock
    ) -> [Route] {
        let routes: [[Route]] = [
            UserRoleRoutes(roles: useCases.userRoles, gate: gate, cursors: cursors).routes,
            EntitlementRoutes(entitlements: useCases.entitlements, gate: gate).routes,
            ServiceAccountRoutes(
                accounts: useCases.serviceAccounts, gate: gate, idempotency: idempotency, cursors: cursors
            ).routes,
            RoleRoutes(roles: useCases.roles, gate: gate, idempotency: idempotency, cursors: cursors).routes,
            ServiceRoutes(services: useCases.services, gate: gate, idempotency: idempotency, cursors: cursors)
                .routes,
            APIKeyRoutes(
                keys: useCases.apiKeys, change: useCases.changeKey, rotate: useCases.rotateKey, gate: gate,
                idempotency: idempotency, cursors: cursors, clock: clock
            ).routes,
            PermissionRoutes(
                check: useCases.checkPermission, readOwn: useCases.readOwnRights, registry: useCases.registry,
                gate: gate
            ).routes,
            UsageRoutes(usage: useCases.usage, gate: gate, cursors: cursors).routes,
            AuditRoutes(search: useCases.auditLog, gate: gate, cursors: cursors).routes,
            ExplanationRoutes(explain: useCases.explain, gate: gate).routes,
        ]
        return routes.flatMap { $0 }
    }
}
