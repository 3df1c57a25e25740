import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import AccountsContractDoubles
import Composition
import Configuration
import Crypto
import DatabaseSupport
import HTTP
import Lifecycle
import SQL
import Shared
import Templates
import TestSupport
import Testing

@testable import AccessInfrastructure

/// The adapters of Access over a database of its own, with a clock to move and Accounts as a test says.
struct AccessHouse: Sendable {
    let database: any Database & Service
    let clock: ManualClock
    let identifiers: any IdentifierSource
    let accounts = AccountsFacadeDouble()
    let meter = MeterDouble()
    let published = Wakeup()

    init(_ database: any Database & Service, clock: ManualClock = ManualClock()) {
        self.database = database
        self.clock = clock
        identifiers = TimeOrderedIdentifierSource(clock: clock)
    }

    func dependencies(_ database: (any Database)? = nil) throws -> AccessDependencies {
        let database = database ?? self.database
        let masterKey = try MasterKey(keys: [Secret([UInt8](repeating: 1, count: MasterKey.byteCount))])
        let appURL = "http://localhost:8080"
        return AccessDependencies(
            try ModuleResources(
                process: ProcessSettings(appName: "Gapura", appURL: appURL, isProduction: true), database: database,
                masterKey: masterKey, templates: TemplateCatalog(appName: "Gapura") { _ in nil },
                origins: OriginPolicy(own: appURL, listed: [], allowsLocalhost: false), permissions: .ofTests,
                published: published,
                auditWriter: "test", clock: clock, identifiers: identifiers, logger: .silent),
            accounts: AccountsServices(
                facade: accounts, users: UserAdministrationDouble(),
                signing: try TokenSigningDouble(), isCurrent: { _ in true }),
            metering: Metering(
                meter: meter, shared: meter, services: [], usage: UsageReaderDouble(),
                forget: { try await meter.reset($0) },
                counted: { [meter, clock] answered in
                    InMemoryCountedRequests(answered: answered, clock: clock) { meter.giveBack($0, countedAt: $1) }
                }))
    }

    /// The adapters as one more process over this database would have them, loaded.
    func process(_ database: (any Database)? = nil) async throws -> AccessAdapters {
        let adapters = AccessAdapters(try dependencies(database))
        try await adapters.load()
        return adapters
    }

    func useCases(_ adapters: AccessAdapters) throws -> AccessUseCases {
        AccessUseCases(adapters, try Self.settings(), try dependencies())
    }

    static func settings() throws -> AccessSettings {
        var reader = SettingsReader(values: [:]) { _ in "" }
        return AccessSettings(&reader, isProduction: true)
    }

    static let schemas: [TestSchema] = [.installation, .messaging, .audit, .module("Access")]
}

/// A house over each database, one after the other.
func withAccessHouse(_ body: (AccessHouse) async throws -> Void) async throws {
    try await withEachDatabase(AccessHouse.schemas) { database in try await body(AccessHouse(database)) }
}
