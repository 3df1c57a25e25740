import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Assets
import AuthorizationDoubles
import Composition
import Configuration
import Crypto
import HTTP
import IdempotencyDoubles
import Shared
import Templates
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// The routes of Accounts over the real services and a store in memory, with a clock to move and cheap hashes.
struct AccountsFixture: Sendable {
    let clock = ManualClock()
    let identifiers: any IdentifierSource
    let work: InMemoryAccountsWork
    let dependencies: AccountsDependencies
    let ports: AccountsPorts

    static let appURL = "http://localhost:8080"

    init() throws {
        work = InMemoryAccountsWork(clock: clock)
        identifiers = TimeOrderedIdentifierSource(clock: clock)
        let resources = try ModuleResources(
            process: ProcessSettings(appName: "Gapura", appURL: Self.appURL, isProduction: false),
            database: UnplannedDatabase(),
            masterKey: try MasterKey(keys: [Secret([UInt8](repeating: 1, count: MasterKey.byteCount))]),
            templates: TemplateCatalog(appName: "Gapura") { Assets.text("templates/\($0)") },
            origins: OriginPolicy(own: Self.appURL, listed: [], allowsLocalhost: false), clock: clock,
            identifiers: identifiers, idempotencyStore: InMemoryIdempotencyStore(), stopwatch: clock, logger: .silent)
        resources.personalData.provide([])
        let hashing = try PasswordHashing(
            cost: try #require(Argon2Cost(memory: .kibibytes(8), iterations: 1)), concurrency: 2, queueLimit: 200)
        dependencies = AccountsDependencies(resources, passwordHashing: hashing)
        ports = AccountsPorts(
            work: work, hasher: Argon2PasswordHasher(hashing: hashing, placeSecret: Secret([1])),
            signer: HMACValidationTokenSigner(secret: Secret([1]), older: []),
            links: PageLinks(appURL: Self.appURL, pagesURL: Self.appURL),
            oneTimePasswords: OneTimePasswordsDouble(), recoveryCodes: RecoveryCodesDouble(),
            tokens: TokenDouble(identifiers: identifiers),
            revocations: RevocationViewDouble(work), changes: UserChangesDouble(),
            devices: DeviceCookies(secret: Secret([2]), isSecure: false),
            registrations: RegistrationCookies(secret: Secret([3]), isSecure: false),
            flowProtection: DerivedFlowProtection(),
            flowCookies: FlowCookies(seal: try CookieSeal(secret: Self.secret(4)), isSecure: false),
            pendingIdentities: PendingIdentityCookie(seal: try CookieSeal(secret: Self.secret(5)), isSecure: false),
            publicKeySet: { Array(#"{"keys":[]}"#.utf8) })
    }

    private static func secret(_ byte: UInt8) -> Secret<[UInt8]> {
        Secret([UInt8](repeating: byte, count: MasterKey.byteCount))
    }

    static func settings(_ values: [String: String]) throws -> AccountsSettings {
        var reader = SettingsReader(values: values) { _ in "" }
        let settings = AccountsSettings(&reader, appURL: appURL, isProduction: false, coreCount: 2)
        try #require(reader.failures == [])
        return settings
    }

    func useCases(_ values: [String: String] = [:]) throws -> AccountsUseCases {
        AccountsUseCases(ports, try Self.settings(values), dependencies)
    }

    /// The routes for people whom Accounts knows itself, with no permissions.
    func routes(_ values: [String: String] = ["RATE_LIMIT": "off"]) throws -> [Route] {
        let useCases = try useCases(values)
        return try routes(values, useCases) { token in
            try await useCases.facade.caller(accessToken: token).map { caller in
                Principal(
                    .session(caller.sessionID.value), of: caller.userID.value, permissions: .empty,
                    client: Person.client)
            }
        }
    }

    /// - Parameter identify: who is behind a token.
    func routes(
        _ values: [String: String], _ useCases: AccountsUseCases,
        _ identify: @escaping @Sendable (_ token: String) async throws -> Principal?
    ) throws -> [Route] {
        let gate = GateDouble(origins: dependencies.origins, identify)
        return AccountsRoutes.all(useCases, ports, try Self.settings(values), dependencies, gate)
    }

    /// The newest link of a purpose, whosever it is.
    func latestLink(_ purpose: ValidationToken.Purpose) -> ValidationToken? {
        work.store.validations.values.filter { $0.purpose == purpose }
            .max { ($0.createdAt, $0.id.description) < ($1.createdAt, $1.id.description) }
    }
}
