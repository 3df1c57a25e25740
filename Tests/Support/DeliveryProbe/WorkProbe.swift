import Jobs
import Lifecycle
import Messaging
import SQL
import Shared

/// Writes a number down, and who did.
struct EffectJob: Job {
    static let kind = "probe.effect"
    static let queue = "probe"
    /// Workers are killed over and over again.
    static let retries = RetryPolicy(attemptsMax: 1_000, first: .milliseconds(20), longest: .milliseconds(200))

    let value: Int

    static func handler(_ database: any Database, worker: Identifier) -> JobHandler {
        .on(EffectJob.self) { job, run in
            try await database.write { transaction in
                try transaction.submit(
                    "INSERT INTO probe_effects (value, worker) VALUES (\(job.value), \(worker))")
                try run.complete(in: transaction)
            }
        }
    }
}

/// Does jobs of `probe.effect` until it is killed.
struct WorkProbe {
    let database: any Database

    init(_ database: any Database) { self.database = database }

    /// - Parameter leaseSpeed: how much faster leases pass than they do in the program.
    func run(leaseSpeed: Int) async throws {
        let owner = TimeOrderedIdentifierSource(clock: SystemWallClock()).next()
        let worker = try JobWorker(
            database: database, owner: owner, handlers: [EffectJob.handler(database, worker: owner)],
            clock: SystemWallClock(), leaseClock: FastClock(speed: Int64(leaseSpeed)), logger: .silent)
        // Leases that end sooner are renewed, and looked for, as much more often.
        let leases = PollingService(
            "fast leases", interval: .seconds(5) / max(leaseSpeed, 1), logger: .silent
        ) {
            try await worker.beat()
            return 0
        }
        try await worker.beat()
        Report.write("ready \(owner)")
        let lifecycle = ServiceLifecycle()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await leases.run(lifecycle) }
            group.addTask { try await worker.run(lifecycle) }
            try await group.waitForAll()
        }
    }
}
