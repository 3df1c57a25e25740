import SQL
import Shared

/// Removes finished jobs that nobody looks at any more, and workers that are gone: itself a job, every hour.
package struct JobPruning: Sendable {
    private struct PruneJobs: Job {
        static let kind = "jobs.prune"
    }

    private let database: any Database
    private let retention: JobRetention
    private let clock: any WallClock
    private let leaseClock: any WallClock

    /// Rows of workers that are gone for good are kept so long.
    private static let memory: Duration = .seconds(86_400)

    /// - Parameter leaseClock: that of the workers.
    package init(
        _ database: any Database, retention: JobRetention = JobRetention(), clock: any WallClock,
        leaseClock: (any WallClock)? = nil
    ) {
        self.database = database
        self.retention = retention
        self.clock = clock
        self.leaseClock = leaseClock ?? clock
    }

    package var handler: JobHandler {
        .on(PruneJobs.self) { _, _ in
            while try await self.prune() > 0 { try Task.checkCancellation() }
        }
    }

    /// - Throws: nothing, as long as the expression is right.
    package static func schedule() throws -> JobSchedule {
        try JobSchedule("jobs.prune", "17 * * * *") { _ in PruneJobs() }
    }

    /// One batch.
    ///
    /// - Returns: how many jobs were removed.
    package func prune() async throws -> Int {
        let horizon = leaseClock.now - Self.memory
        try await database.write { try $0.submit("DELETE FROM job_workers WHERE lease_until < \(horizon)") }
        return try await JobUpkeep(database: database).prune(retention, at: clock.now)
    }
}
