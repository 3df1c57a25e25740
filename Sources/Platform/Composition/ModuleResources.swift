import Audit
import Cache
import Crypto
import HTTP
import HTTPClient
import Idempotency
import Jobs
import Lifecycle
import Lists
import Messaging
import Pages
import Redis
import SQL
import Shared
import Telemetry
import Templates
import Transactions

/// What a module gets from the process around it: the same for every module.
package struct ModuleResources: Sendable {
    package let process: ProcessSettings
    package let database: any Database
    package let outbox: Outbox
    package let auditLog: AuditLog
    /// Signalled after commits that published something.
    package let published: Wakeup
    /// Where modules put work for the background.
    package let jobs: Jobs
    /// Wakes the workers of this process and of others.
    package let jobSignals: JobSignals
    package let idempotency: IdempotencyKeys
    package let masterKey: MasterKey
    /// Of every list.
    package let cursors: ListCursors
    /// Those of every module of this program.
    package let permissions: PermissionRegistry
    /// Those of every module of this program.
    package let events: [EventDescription]
    package let rateLimits: any RateLimitStore
    /// Nil without Redis.
    package let redis: RedisClient?
    /// Wakes the other processes; nil if nothing but the database is shared with them.
    package let signals: (any ProcessSignals)?
    package let templates: TemplateCatalog
    /// The frame of every page.
    package let pages: PageFrame
    package let origins: OriginPolicy
    /// How modules ask other systems.
    package let http: any HTTPFetching
    /// What all modules hold about people, once all are open.
    package let personalData: Provided<[PersonalDataPart]>
    /// Where a module registers its figures.
    package let metrics: Metrics
    package let clock: any WallClock
    package let identifiers: any IdentifierSource
    package let random: any RandomSource
    package let logger: Logger

    /// The outbox, the audit log, the queue of jobs, the idempotency keys and the limits are made here, over the given database.
    ///
    /// - Parameters:
    ///   - auditWriter: names this installation's chain of audit lines.
    ///   - http: without another one, only public addresses can be asked, over https.
    ///   - rateLimits: nil: in the memory of this process.
    ///   - idempotencyStore: nil: the table of the database.
    ///   - stopwatch: of the limits in memory.
    /// - Throws: if the system has no random bytes.
    package init(
        process: ProcessSettings, database: any Database, masterKey: MasterKey, templates: TemplateCatalog,
        origins: OriginPolicy, permissions: PermissionRegistry = PermissionRegistry([]),
        events: [EventDescription] = [],
        published: Wakeup = Wakeup(),
        metrics: Metrics = Metrics(), http: any HTTPFetching = HTTPFetcher(EgressGuard(EgressPolicy())),
        auditWriter: String = "main", clock: any WallClock, identifiers: any IdentifierSource,
        random: any RandomSource = SystemRandomSource(), rateLimits: (any RateLimitStore)? = nil,
        redis: RedisClient? = nil, signals: (any ProcessSignals)? = nil,
        idempotencyStore: (any IdempotencyStore)? = nil, stopwatch: any MonotonicClock = SystemMonotonicClock(),
        logger: Logger
    ) throws {
        self.process = process
        self.database = database
        outbox = Outbox(identifiers: identifiers, clock: clock)
        auditLog = AuditLog(writer: auditWriter, identifiers: identifiers, clock: clock)
        self.published = published
        jobSignals = JobSignals(signals)
        jobs = Jobs(identifiers: identifiers, clock: clock, signals: jobSignals)
        idempotency = try IdempotencyKeys(
            store: idempotencyStore ?? SQLIdempotencyStore(database: database), masterKey: masterKey, clock: clock,
            identifiers: identifiers, logger: logger)
        self.masterKey = masterKey
        cursors = ListCursors(masterKey)
        self.permissions = permissions
        self.events = events
        self.rateLimits = rateLimits ?? InMemoryRateLimitStore(clock: stopwatch)
        self.redis = redis
        self.signals = signals
        self.templates = templates
        pages = PageFrame(
            templates: templates, masterKey: masterKey, origins: origins,
            targets: ReturnTargets(own: process.appURL, listed: process.redirectURLs),
            pagesURL: process.pagesURL == process.appURL ? nil : process.pagesURL,
            isSecure: process.usesSecureCookies, isDevelopment: !process.isProduction, random: random)
        self.origins = origins
        self.http = http
        personalData = Provided()
        self.metrics = metrics
        self.clock = clock
        self.identifiers = identifiers
        self.random = random
        self.logger = logger
    }

    /// The unit of work of a module.
    ///
    /// - Parameters:
    ///   - module: names it in the inbox; never changed, or it would have every event again.
    ///   - makeContext: holds the module's repositories.
    package func unitOfWork<Context>(
        of module: String, _ makeContext: @escaping @Sendable (SQLContext) -> Context
    ) -> SQLUnitOfWork<Context> {
        SQLUnitOfWork(
            module, database: database, outbox: outbox, auditLog: auditLog, published: published,
            makeContext: makeContext)
    }
}
