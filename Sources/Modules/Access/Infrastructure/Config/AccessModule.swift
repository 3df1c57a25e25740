import AccessApplication
import AccountsContract
import Authorization
import ChangeFeeds
import Composition
import HTTP
import Lifecycle
import Messaging
import Retention
import Shared

/// Access, wired: adapters, use cases, routes.
package struct AccessModule: Sendable {
    package let routes: [Route]
    /// Who may use Gapura's own API: for the routes of every module.
    package let gate: any Gate
    package let subscriptions: [Subscription]
    package let decide: any DecideAccess
    package let explain: ExplainDecisionService
    package let resetQuota: ResetQuotaService
    package let exportData: ExportAccessDataService
    package let services: [any Service]
    package let prunes: [Prune]
    /// For the log at the start.
    package let warnings: [String]
    /// Whether this process hears of changes in time; it is not ready otherwise.
    package let isCurrent: @Sendable (_ now: Timestamp) -> Bool

    /// - Throws: failures of the database.
    package init(_ settings: AccessSettings, _ dependencies: AccessDependencies) async throws {
        let clock = dependencies.clock
        let adapters = AccessAdapters(dependencies)
        if settings.registersSamples {
            try await SampleServices(
                database: dependencies.database, work: adapters.work, registry: dependencies.permissions,
                clock: clock, identifiers: dependencies.identifiers
            ).register()
        }
        let keysWithoutServices = try await AdoptAPIKeysService(work: adapters.work, clock: clock)()
        warnings =
            keysWithoutServices == 0
            ? []
            : [
                "\(keysWithoutServices) API keys list no service and are refused everywhere until their owners list some with PATCH /api-keys/{id}"
            ]
        try await adapters.load()
        let useCases = AccessUseCases(adapters, settings, dependencies)
        gate = RequestGate(
            accounts: dependencies.accounts.facade, credentials: adapters.credentials, standings: adapters.standings,
            cover: RuleOfCoverService(assignments: adapters.roleAssignments, clock: clock),
            registry: dependencies.permissions, origins: dependencies.origins, clock: clock)
        routes =
            AccessRoutes.all(useCases, adapters, dependencies)
            + ForwardRoutes.all(useCases, adapters, settings, dependencies)
            + AdministrationRoutes.all(useCases, adapters, dependencies, gate)
        resetQuota = Self.resetQuota(dependencies)
        subscriptions =
            AccessSubscriptions(
                followSubscription: useCases.followSubscription, followUserDeletion: useCases.followUserDeletion
            ).all
        decide = useCases.decide
        explain = useCases.explain
        exportData = useCases.exportData
        services =
            dependencies.metering.services + adapters.feed.services
            + [FollowUpService(record: useCases.recordFollowUps, logger: dependencies.logger)]
        prunes =
            adapters.feed.prunes + MeterCleanUp(database: dependencies.database, clock: clock).prunes
            + [SQLKeyUseRepository.prune(in: dependencies.database)]
        isCurrent = { [feed = adapters.feed] in feed.isCurrent(at: $0) }
    }

    /// For a command that runs beside the servers: it writes what is stored, and they hear of it. The memory of its
    /// own process, whose journal does not run, has no part in it.
    private static func resetQuota(_ dependencies: AccessDependencies) -> ResetQuotaService {
        ResetQuotaService(
            work: AccessAdapters.work(dependencies, telling: AccessAdapters.feed(dependencies)),
            users: dependencies.accounts.users,
            meter: dependencies.metering.shared,
            clock: dependencies.clock)
    }
}
