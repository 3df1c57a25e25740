import AccessInfrastructure
import AccountsApplication
import AccountsInfrastructure
import Assets
import Audit
import Cache
import Crypto
import DatabaseCopy
import FoundationEssentials
import HTTP
import HTTPServer
import Idempotency
import Lifecycle
import Messaging
import NotificationsInfrastructure
import SQL
import Shared
import Telemetry
import Templates

/// The modules of one process over one database, wired. The only place that knows which adapter is used.
struct Installation: Sendable {
    let settings: AppSettings
    let logger: Logger
    let clock: any WallClock
    let identifiers: any IdentifierSource
    let database: any Database & Service
    let metrics: Metrics
    let templates: TemplateCatalog
    let accounts: AccountsModule
    let access: AccessModule
    let notifications: NotificationsModule
    let origins: OriginPolicy
    /// In the order of starting.
    let services: [any Service]

    /// Opens the database, brings its schema up to date and wires the modules.
    ///
    /// - Throws: `CommandFailure` and the failures of what it opens.
    init(_ settings: AppSettings, logger: Logger) async throws {
        self.settings = settings
        self.logger = logger
        let clock = SystemWallClock()
        let random = SystemRandomSource()
        let identifiers = TimeOrderedIdentifierSource(clock: clock, random: LibcryptoRandomSource())
        self.clock = clock
        self.identifiers = identifiers
        database = try settings.database.open(pool: settings.databasePool, logger: logger)
        try await Self.prepare(database, settings, logger)
        let masterKey = try await Self.masterKey(settings, database, random: random)
        metrics = Metrics()
        templates = Self.templates(settings)
        origins = OriginPolicy(
            own: settings.appURL, listed: settings.corsOrigins,
            allowsLocalhost: !settings.environment.isProduction)
        let passwordHashing = try PasswordHashing(
            cost: settings.accounts.argon2, concurrency: settings.accounts.argon2Concurrency,
            queueLimit: settings.accounts.argon2Concurrency * 64)
        let published = Wakeup()
        let events = try EventSignals(settings.database, published: published, logger: logger)
        let outbox = Outbox(identifiers: identifiers, clock: clock)
        let auditWriter = "main"
        let idempotency = try IdempotencyKeys(
            database: database, masterKey: masterKey, clock: clock, identifiers: identifiers, logger: logger)
        let auditLog = AuditLog(writer: auditWriter, identifiers: identifiers, clock: clock)
        accounts = try await AccountsModule(
            settings.accounts,
            AccountsDependencies(
                database: database, masterKey: masterKey, passwordHashing: passwordHashing,
                rateLimits: InMemoryRateLimitStore(clock: clock), outbox: outbox, auditLog: auditLog,
                idempotency: idempotency, published: published, pages: templates, origins: origins, clock: clock,
                identifiers: identifiers,
                random: random, logger: logger))
        let metering = Metering(database: database, masterKey: masterKey, clock: clock, logger: logger)
        access = try await AccessModule(
            settings.access,
            AccessDependencies(
                database: database, masterKey: masterKey, accounts: accounts.facade,
                users: accounts.userAdministration, importer: accounts.userImport, signing: accounts.signing,
                accountsAreCurrent: accounts.isCurrent, meter: metering.meter, forgetUsage: metering.forget,
                usage: metering.usage, outbox: outbox, auditLog: auditLog, published: published,
                idempotency: idempotency, origins: origins, bodyLimit: settings.server.bodyLimit, clock: clock,
                identifiers: identifiers, logger: logger))
        notifications = NotificationsModule(
            settings.notifications,
            NotificationsDependencies(
                appName: settings.appName, database: database, outbox: outbox, auditLog: auditLog,
                published: published, accounts: accounts.facade, templates: templates, clock: clock,
                identifiers: identifiers, logger: logger),
            capturesMail: !settings.environment.isProduction)
        let sealer = AuditSealer(
            database: database, chain: AuditChain(writer: auditWriter), clock: clock, logger: logger)
        let relay = OutboxRelay(
            database: database, owner: identifiers.next(),
            bus: InProcessEventBus(notifications.subscriptions + access.subscriptions), wakeup: events.relay,
            clock: clock, logger: logger)
        services =
            [database, passwordHashing] + accounts.services + metering.services + access.services
            + events.services + [sealer.service, relay.service, idempotency.service] + notifications.services
    }

    /// The given one, else that of the data directory. One is made for a database without keys only: another than the
    /// lost one could not open those that are there.
    private static func masterKey(
        _ settings: AppSettings, _ database: any Database, random: any RandomSource
    ) async throws -> MasterKey {
        if let given = settings.masterKey { return given }
        let isNeeded = try await AccountsModule.holdsKeys(database)
        return try MasterKeyFile.load(in: settings.dataDirectory, isNeeded: isNeeded, random: random)
    }

    /// Marks where the database was made and brings its schema up to date, but not into a file that another program
    /// made, nor in production into one of development. The mark comes before any other table: a kill between leaves
    /// nothing that production could take over.
    ///
    /// - Parameter setting: what named the database, for people.
    /// - Throws: `CommandFailure`, or what the migrator throws.
    static func migrate(
        _ database: any Database, _ environment: AppEnvironment, setBy setting: String = "DATABASE_URL"
    ) async throws -> [Migration] {
        let migrations = Schema.migrations(for: database.dialect)
        let migrator = Migrator(migrations)
        guard try await !migrator.isForeign(database) else {
            throw CommandFailure(
                code: .configuration, message: "\(setting): this database belongs to another program")
        }
        let first = try await Migrator(migrations.filter { $0.module == Schema.installation }).up(database)
        try await mark(database, environment, setBy: setting)
        return first + (try await migrator.up(database))
    }

    /// - Throws: `CommandFailure` in production if the database was made elsewhere.
    static func mark(
        _ database: any Database, _ environment: AppEnvironment, setBy setting: String = "DATABASE_URL"
    ) async throws {
        let facts = InstallationFacts(database)
        guard let made = try await facts.find("environment") else {
            return try await facts.note("environment", environment.rawValue)
        }
        if environment.isProduction, made != AppEnvironment.production.rawValue {
            throw CommandFailure(
                code: .configuration,
                message: "\(setting): this database was made in \(made); production refuses it")
        }
    }

    private static func prepare(_ database: any Database, _ settings: AppSettings, _ logger: Logger) async throws {
        let applied = try await Self.migrate(database, settings.environment)
        if try await DatabaseCopier.isUnfinished(database) {
            throw CommandFailure(
                code: .configuration,
                message: "DATABASE_URL: the copy into this database has not finished; run gapura copy again")
        }
        for migration in applied {
            logger.info(
                "migrated",
                [
                    "module": .text(migration.module), "version": LogValue(migration.version),
                    "name": .text(migration.name),
                ])
        }
    }

    /// Templates from the binary; single files of `TEMPLATES_DIR` replace them.
    private static func templates(_ settings: AppSettings) -> TemplateCatalog {
        TemplateCatalog(appName: settings.appName) { [directory = settings.templatesDirectory] path in
            if let directory, let text = try? String(contentsOf: URL(filePath: "\(directory)/\(path)"), encoding: .utf8)
            {
                return text
            }
            return Assets.text("templates/\(path)")
        }
    }
}
