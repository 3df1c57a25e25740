import Cron
import Lifecycle
import SQL
import Shared
import Synchronization

/// Makes the jobs of schedules when they are due. It may run in every process: each tick is decided once, under a lock,
/// and has one job at the most.
package final class JobScheduler: Sendable {
    private let database: any Database
    private let schedules: [JobSchedule]
    private let jobs: Jobs
    private let clock: any WallClock
    private let logger: Logger
    /// When to look at a schedule again, and by which clock that was found.
    private let next = Mutex<[String: (tick: Timestamp?, foundAt: Timestamp)]>([:])

    /// A tick that is later than that was missed.
    private static let tolerance: Duration = .seconds(60)

    /// - Throws: `InternalFailure` if two schedules have one name.
    package init(
        database: any Database, schedules: [JobSchedule], jobs: Jobs, clock: any WallClock, logger: Logger
    ) throws {
        if let name = Dictionary(grouping: schedules, by: \.name).first(where: { $0.value.count > 1 })?.key {
            throw InternalFailure("two schedules have the name \(name)")
        }
        self.database = database
        self.schedules = schedules
        self.jobs = jobs
        self.clock = clock
        self.logger = logger
    }

    package var service: any Service {
        PollingService("scheduler of jobs", logger: logger) { try await self.scheduleOnce() }
    }

    /// Makes the jobs that are due now.
    ///
    /// - Returns: how many.
    package func scheduleOnce() async throws -> Int {
        let now = clock.now
        let due = next.withLock { next in
            schedules.filter { schedule in
                guard let known = next[schedule.name], known.foundAt <= now else { return true }
                return known.tick.map { $0 <= now } ?? false
            }
        }
        var count = 0
        for schedule in due {
            if try await decide(schedule, at: now) {
                count += 1
                jobs.signal(schedule.queue)
            }
            let tick = schedule.expression.next(after: now, in: schedule.zone)
            next.withLock { $0[schedule.name] = (tick, now) }
        }
        return count
    }

    /// - Returns: whether a job was made.
    private func decide(_ schedule: JobSchedule, at now: Timestamp) async throws -> Bool {
        try await database.write { [jobs] transaction in
            // A new schedule begins now.
            try transaction.submit(
                """
                INSERT INTO job_schedules (name, decided_until) VALUES (\(schedule.name), \(now))
                ON CONFLICT DO NOTHING
                """)
            let decided = try transaction.first(
                "SELECT decided_until FROM job_schedules WHERE name = \(schedule.name)\(forUpdate)"
            ) { try $0.timestamp(0) }
            guard let decided,
                let tick = schedule.expression.latest(after: decided, upTo: now, in: schedule.zone)
            else { return false }
            try transaction.submit(
                "UPDATE job_schedules SET decided_until = \(tick) WHERE name = \(schedule.name)")
            if schedule.missed == .skip, now - tick > Self.tolerance { return false }
            return try schedule.enqueue(jobs, tick, transaction) != nil
        }
    }
}
