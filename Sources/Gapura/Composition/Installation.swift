import Assets
import Audit
import Authorization
import Commands
import Composition
import Crypto
import DatabaseCopy
import FoundationEssentials
import HTTP
import HTTPClient
import HTTPServer
import Idempotency
import Jobs
import Lifecycle
import Messaging
import Pages
import Redis
import Retention
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
    /// The same, for everything that writes.
    let commits: CommitWatch
    let metrics: Metrics
    /// Nil without Redis.
    let shared: SharedCounters?
    let templates: TemplateCatalog
    let pages: PageFrame
    let origins: OriginPolicy
    let auditChain: AuditChain
    /// Of the checkpoints at which the audit log is cut.
    let auditSeal: AuditSeal
    /// In the order of the list.
    let modules: [ModuleParts]
    /// Of the modules.
    let routes: [Route]
    /// In the order of starting.
    let services: [any Service]
    /// The worker and the scheduler of jobs, which start after them.
    let jobServices: [any Service]

    /// Names the chain of the audit log.
    static let auditWriter = "main"

    /// Opens the database, brings its schema up to date and opens the modules.
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
        let commits = CommitWatch(database)
        self.commits = commits
        let masterKey = try await Self.masterKey(settings, database, random: random)
        metrics = Metrics()
        templates = Self.templates(settings)
        origins = OriginPolicy(
            own: settings.appURL, listed: settings.corsOrigins,
            allowsLocalhost: !settings.environment.isProduction)
        let http = HTTPFetcher(EgressGuard(settings.egress))
        if let url = settings.redis {
            shared = try SharedCounters(url, masterKey: masterKey, metrics: metrics, logger: logger)
        } else {
            shared = nil
        }
        let resources = try ModuleResources(
            process: settings.process, database: commits, masterKey: masterKey, templates: templates,
            origins: origins,
            permissions: PermissionRegistry(
                settings.modules.flatMap(\.permissions) + JobPermission.all + EventPermission.all),
            events: settings.modules.flatMap(\.events), metrics: metrics, http: http, auditWriter: Self.auditWriter,
            clock: clock,
            identifiers: identifiers, random: random, rateLimits: shared?.rateLimits, redis: shared?.client,
            signals: shared?.signals, logger: logger)
        pages = resources.pages
        let modules = try await Self.open(settings.modules, resources)
        self.modules = modules
        guard let gate = modules.compactMap(\.gate).first else { throw InternalFailure("no module knows the gate") }
        routes =
            modules.flatMap { module in module.routes(gate).map { $0.described(by: module.words) } }
            + (Self.jobRoutes(resources, gate) + (try Self.eventRoutes(settings, resources, gate)))
            .map { $0.described(by: .system) }
        let events = try EventSignals(
            settings.database, published: resources.published, signals: shared?.signals, logger: logger)
        let chain = AuditChain(writer: Self.auditWriter)
        auditChain = chain
        let seal = AuditSeal(masterKey)
        auditSeal = seal
        let sealer = AuditSealer(database: commits, chain: chain, clock: clock, logger: logger)
        let relay = OutboxRelay(
            database: commits, owner: identifiers.next(),
            groups: ConsumerGroup.groups(of: modules.flatMap(\.subscriptions)), wakeup: events.relay, clock: clock,
            logger: logger)
        EventMetrics.register(relay, clock: clock, in: metrics)
        let pruner = Pruner(
            modules.flatMap(\.prunes) + resources.idempotency.prunes
                + settings.retention.prunes(of: chain, seal, in: commits, clock: clock),
            clock: clock, logger: logger)
        let monitor = JobMonitor(JobQueues(database, clock: clock), logger: logger)
        let worker = try Self.jobWorker(modules, Modules.queues(of: settings.modules), resources, pruner)
        JobMetrics.register(monitor, runs: worker.runCounts, clock: clock, in: metrics)
        jobServices = [worker, try Self.jobScheduler(modules, resources).service]
        let redis: [any Service] = shared.map { [$0.client, $0.signals.service(logger)] } ?? []
        services =
            [database, Self.probing(commits, logger), http] + redis + modules.flatMap(\.services) + events.services
            + [sealer.service] + relay.services + [monitor.service]
    }

    private static func jobRoutes(_ resources: ModuleResources, _ gate: any Gate) -> [Route] {
        let (database, clock) = (resources.database, resources.clock)
        return JobRoutes(
            jobs: JobAdministration(database, clock: clock), auditLog: resources.auditLog, gate: gate,
            cursors: resources.cursors
        ).routes
            + JobQueueRoutes(
                queues: JobQueues(database, clock: clock), auditLog: resources.auditLog, gate: gate,
                cursors: resources.cursors
            ).routes
    }

    /// - Throws: `InternalFailure` if modules have a type of event in common.
    private static func eventRoutes(
        _ settings: AppSettings, _ resources: ModuleResources, _ gate: any Gate
    ) throws -> [Route] {
        let (database, clock) = (resources.database, resources.clock)
        let catalogue = try EventCatalogue(settings.modules.flatMap(\.events))
        return EventRoutes(
            database: database, letters: DeadLetters(database, clock: clock), auditLog: resources.auditLog,
            clock: clock, appURL: settings.appURL, gate: gate, cursors: resources.cursors
        ).routes + EventSchemaRoutes(catalogue, appURL: settings.appURL).routes
    }

    /// - Parameter queues: the names of all.
    /// - Throws: `InternalFailure` if modules have a kind or a queue in common, or jobs in another queue.
    private static func jobWorker(
        _ modules: [ModuleParts], _ queues: Set<String>, _ resources: ModuleResources, _ pruner: Pruner
    ) throws -> JobWorker {
        let handlers = modules.flatMap(\.jobs) + SystemJobs.handlers(resources, pruner)
        if let unknown = handlers.first(where: { !queues.contains($0.queue) }) {
            throw InternalFailure("no module's plan names the queue \(unknown.queue)")
        }
        return try JobWorker(
            database: resources.database, owner: resources.identifiers.next(), handlers: handlers,
            queues: modules.flatMap(\.queues), clock: resources.clock, signals: resources.jobSignals,
            logger: resources.logger)
    }

    /// - Throws: `InternalFailure` if modules have a schedule in common.
    private static func jobScheduler(
        _ modules: [ModuleParts], _ resources: ModuleResources
    ) throws -> JobScheduler {
        try JobScheduler(
            database: resources.database,
            schedules: modules.flatMap(\.schedules) + SystemJobs.schedules(), jobs: resources.jobs,
            clock: resources.clock, logger: resources.logger)
    }

    /// Finds out when there is room on the disk again.
    private static func probing(_ commits: CommitWatch, _ logger: Logger) -> any Service {
        PollingService("commit watch", logger: logger) {
            try await commits.probe()
            return 0
        }
    }

    private static func open(_ plans: [ModulePlan], _ resources: ModuleResources) async throws -> [ModuleParts] {
        var modules: [ModuleParts] = []
        for plan in plans { modules.append(try await plan.open(resources)) }
        resources.personalData.provide(modules.compactMap(\.personalData))
        return modules
    }

    /// The given one, else that of the data directory. One is made for a database without keys only: another than the
    /// lost one could not open those that are there.
    private static func masterKey(
        _ settings: AppSettings, _ database: any Database, random: any RandomSource
    ) async throws -> MasterKey {
        if let given = settings.masterKey { return given }
        var isNeeded = false
        for module in settings.modules where !isNeeded { isNeeded = try await module.holdsSecrets(database) }
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
