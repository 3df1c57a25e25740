import Composition
import Jobs
import Messaging
import Retention
import SQL
import Shared

/// Jobs of the libraries, which no module has.
enum SystemJobs {
    /// - Parameter pruner: of everything that has an end, but for jobs.
    static func handlers(_ resources: ModuleResources, _ pruner: Pruner) -> [JobHandler] {
        [
            JobPruning(resources.database, clock: resources.clock).handler,
            .on(RetentionJob.self) { _, _ in try await pruner.run(for: RetentionJob.span) },
        ]
    }

    static func schedules() throws -> [JobSchedule] {
        [
            try JobPruning.schedule(),
            try JobSchedule("retention.prune", "* * * * *") { _ in RetentionJob() },
        ]
    }
}

/// Removes what is over from the tables of all modules and libraries.
private struct RetentionJob: Job {
    static let kind = "retention.prune"
    /// Every minute there is another one anyway: this is only for what ends by itself.
    static let retries = RetryPolicy(attemptsMax: 3, first: .seconds(60), longest: .seconds(60))

    /// What is left then is left to the next tick.
    static let span: Duration = .seconds(50)
}
