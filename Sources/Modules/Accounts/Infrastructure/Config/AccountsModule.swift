import AccountsApplication
import AccountsContract
import Authorization
import ChangeFeeds
import Composition
import HTTP
import Jobs
import Lifecycle
import Retention
import SQL
import Shared

/// Accounts, wired: adapters, use cases, routes.
package struct AccountsModule: Sendable {
    package let facade: any AccountsFacade
    package let userAdministration: any UserAdministration
    package let administrators: AppointAdministratorService
    package let userImport: UserImport
    let keys: SigningKeys
    let providers: IdentityProviders
    package let signing: any TokenSigning
    package let services: [any Service]
    package let jobs: [JobHandler]
    package let schedules: [JobSchedule]
    package let prunes: [Prune]
    private let makeRoutes: @Sendable (any Gate) -> [Route]
    /// Whether this process hears of revocations in time; it is not ready otherwise.
    package let isCurrent: @Sendable (_ now: Timestamp) -> Bool

    /// Whether the database has keys that a master key encrypted.
    package static func holdsKeys(_ database: any Database) async throws -> Bool {
        try await !SQLSigningKeyStore.isEmpty(database)
    }

    /// - Throws: `SigningKeyUnreadable` if the stored keys belong to another master key; failures of the database.
    package init(_ settings: AccountsSettings, _ dependencies: AccountsDependencies) async throws {
        let adapters = try await AccountsAdapters(settings, dependencies)
        try await adapters.feed.read()
        let ports = adapters.ports
        let useCases = AccountsUseCases(ports, settings, dependencies)
        let feed = adapters.feed
        makeRoutes = { AccountsRoutes.all(useCases, ports, settings, dependencies, $0) }
        facade = useCases.facade
        userAdministration = useCases.userAdministration
        administrators = useCases.administrators
        userImport = useCases.userImport
        keys = adapters.keys
        providers = adapters.providers
        signing = SharedTokenSigning(keys: adapters.keys, issuer: settings.appURL)
        isCurrent = { feed.isCurrent(at: $0) }
        services = adapters.feed.services + adapters.keys.services
        jobs = [SigningKeyRotation.handler(adapters.keys), FactorResets.handler(useCases.followFactorResets)]
        schedules = [try SigningKeyRotation.schedule(), try FactorResets.schedule()]
        prunes = [
            Prune(
                "accounts without proof, expired sign-ins", retention: CleanUpService.unprovedLifetime,
                batch: CleanUpService.batchSize
            ) { _, limit in
                try await useCases.cleanUp(limit: limit)
            }
        ]
    }

    /// The gate knows people by this module, so the routes come after it.
    package func routes(behind gate: any Gate) -> [Route] { makeRoutes(gate) }
}
