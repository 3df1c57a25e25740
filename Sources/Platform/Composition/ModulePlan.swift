import Authorization
import Commands
import HTTP
import Jobs
import Lifecycle
import Messaging
import Retention
import SQL
import Shared

/// A module as the program knows it before anything is open: its settings are read, its schema and commands are known.
package struct ModulePlan: Sendable {
    /// Names its tables' migrations; never changed.
    package let name: String
    /// The folder of its migrations, as assets have it.
    package let migrations: String
    /// Each finds what it needs once the module is open.
    package let commands: [any Command]
    /// What the module asks of those who use its routes.
    package let permissions: [DeclaredPermission]
    /// Every type of event that it publishes.
    package let events: [EventDescription]
    /// The names of its jobs' queues, but for the standard one.
    package let queues: [String]
    /// Whether the database has what only the master key of before can open.
    package let holdsSecrets: @Sendable (any Database) async throws -> Bool
    /// - Throws: `CommandFailure` if the operator has to do something; failures of the database.
    package let open: @Sendable (ModuleResources) async throws -> ModuleParts

    /// - Parameter folder: of the module in `Sources/Modules`.
    package init(
        _ name: String, folder: String, commands: [any Command] = [], permissions: [DeclaredPermission] = [],
        events: [EventDescription] = [], queues: [String] = [],
        holdsSecrets: @escaping @Sendable (any Database) async throws -> Bool = { _ in false },
        open: @escaping @Sendable (ModuleResources) async throws -> ModuleParts
    ) {
        self.name = name
        migrations = "Sources/Modules/\(folder)/Infrastructure/Migrations"
        self.commands = commands
        self.permissions = permissions
        self.events = events
        self.queues = queues
        self.holdsSecrets = holdsSecrets
        self.open = open
    }
}

/// An open module: what the process serves, delivers, runs and asks of it.
package struct ModuleParts: Sendable {
    /// Made when the gate is there.
    package let routes: @Sendable (any Gate) -> [Route]
    /// For the OpenAPI document.
    package let words: APIWords
    /// Who may use the routes of every module; one module knows.
    package let gate: (any Gate)?
    package let subscriptions: [Subscription]
    /// The kinds of jobs that it does.
    package let jobs: [JobHandler]
    /// Queues of its own, if the usual settings are not right for them.
    package let queues: [JobQueue]
    package let schedules: [JobSchedule]
    /// In the order of starting.
    package let services: [any Service]
    /// What of its tables has an end.
    package let prunes: [Prune]
    /// Nil if it holds nothing about people.
    package let personalData: PersonalDataPart?
    /// Whether this process hears of changes in time; it is not ready otherwise.
    package let isCurrent: @Sendable (_ now: Timestamp) -> Bool
    /// How that is which the module needs from outside, by its name: `["mail": "ok"]`. A process takes traffic either
    /// way.
    package let health: @Sendable () -> [String: String]
    /// What an operator has to know at the start.
    package let warnings: [String]
    /// Lines for a developer at the start.
    package let welcome: @Sendable () async throws -> [String]

    package init(
        routes: @escaping @Sendable (any Gate) -> [Route] = { _ in [] }, words: APIWords = [:],
        gate: (any Gate)? = nil,
        subscriptions: [Subscription] = [], jobs: [JobHandler] = [], queues: [JobQueue] = [],
        schedules: [JobSchedule] = [], services: [any Service] = [], prunes: [Prune] = [],
        personalData: PersonalDataPart? = nil,
        isCurrent: @escaping @Sendable (_ now: Timestamp) -> Bool = { _ in true },
        health: @escaping @Sendable () -> [String: String] = { [:] }, warnings: [String] = [],
        welcome: @escaping @Sendable () async throws -> [String] = { [] }
    ) {
        self.routes = routes
        self.words = words
        self.gate = gate
        self.subscriptions = subscriptions
        self.jobs = jobs
        self.queues = queues
        self.schedules = schedules
        self.services = services
        self.prunes = prunes
        self.personalData = personalData
        self.isCurrent = isCurrent
        self.health = health
        self.warnings = warnings
        self.welcome = welcome
    }
}
