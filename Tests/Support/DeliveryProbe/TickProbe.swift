import Jobs
import Messaging
import SQL
import Shared

/// One of several schedulers with a worker each, for which minutes pass in moments.
struct TickProbe {
    let database: any Database

    init(_ database: any Database) { self.database = database }

    /// The same in every process.
    private static let start = Timestamp(seconds: 1_767_225_600)
    /// So often it does what there is to do.
    private static let ticksBetweenWork = 20

    /// Goes through so many ticks of a schedule that runs every minute, and ends when all jobs are done.
    func run(ticks: Int) async throws {
        let clock = StepClock(Self.start)
        let identifiers = TimeOrderedIdentifierSource(clock: SystemWallClock())
        let owner = identifiers.next()
        let schedule = try JobSchedule("probe.tick", "* * * * *") { tick in
            EffectJob(value: Int(tick.seconds - Self.start.seconds) / 60)
        }
        let scheduler = try JobScheduler(
            database: database, schedules: [schedule], jobs: Jobs(identifiers: identifiers, clock: clock),
            clock: clock, logger: .silent)
        let worker = try JobWorker(
            database: database, owner: owner, handlers: [EffectJob.handler(database, worker: owner)], clock: clock,
            leaseClock: SystemWallClock(), logger: .silent)
        Report.write("ready \(owner)")
        var made = try await scheduler.scheduleOnce()
        for tick in 1...ticks {
            clock.advance(by: .seconds(60))
            made += try await scheduler.scheduleOnce()
            if tick.isMultiple(of: Self.ticksBetweenWork) { try await worker.workUntilIdle() }
        }
        try await worker.workUntilIdle()
        Report.write(["made": Double(made), "done": Double(worker.runCounts.count(.completed))])
    }
}
