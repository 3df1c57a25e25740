import Lifecycle
import Shared
import Synchronization

/// Figures of the installation's jobs, as this process read them last.
package struct JobFigures: Sendable, Equatable {
    /// Of every state but `completed`.
    package let counts: [JobState: Int]
    /// When the job that waits longest for a worker became available; nil if none waits.
    package let availableSince: Timestamp?
    package let pausedQueues: Int
}

/// Reads the figures from time to time, so that a look at them costs nothing. What it reads grows with the jobs that are
/// not completed: the longer that takes, the rarer it looks, so that it takes one hundredth of a core at the most.
package final class JobMonitor: Sendable {
    private let queues: JobQueues
    private let logger: Logger
    private let stopwatch: any MonotonicClock
    private let nextLook = Mutex<Duration?>(nil)
    private let last = Mutex<JobFigures?>(nil)

    private static let interval: Duration = .seconds(30)

    /// How much longer it rests than it works.
    private static let rest = 100

    package init(
        _ queues: JobQueues, stopwatch: any MonotonicClock = SystemMonotonicClock(), logger: Logger
    ) {
        self.queues = queues
        self.logger = logger
        self.stopwatch = stopwatch
    }

    /// Usually at most half a minute old; nil before the first look.
    package var figures: JobFigures? { last.withLock { $0 } }

    package var service: any Service {
        PollingService("figures of jobs", interval: Self.interval, logger: logger) {
            if self.isDue { try await self.look() }
            return 0
        }
    }

    var isDue: Bool { nextLook.withLock { $0.map { $0 <= stopwatch.elapsed } ?? true } }

    package func look() async throws {
        let begun = stopwatch.elapsed
        let statuses = try await queues.list()
        let figures = JobFigures(
            counts: statuses.reduce(into: [:]) { counts, queue in counts.merge(queue.counts) { $0 + $1 } },
            availableSince: statuses.filter { $0.pausedAt == nil }.compactMap(\.availableSince).min(),
            pausedQueues: statuses.count { $0.pausedAt != nil })
        last.withLock { $0 = figures }
        nextLook.withLock { $0 = begun + (stopwatch.elapsed - begun) * Self.rest }
    }
}
