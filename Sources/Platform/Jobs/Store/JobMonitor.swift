import Lifecycle
import Shared
import Synchronization

/// Figures of the installation's jobs, as this process read them last.
package struct JobFigures: Sendable, Equatable {
    package let counts: [JobState: Int]
    /// When the job that waits longest for a worker became available; nil if none waits.
    package let availableSince: Timestamp?
    package let pausedQueues: Int
}

/// Reads the figures from time to time, so that a look at them costs nothing.
package final class JobMonitor: Sendable {
    private let queues: JobQueues
    private let logger: Logger
    private let last = Mutex<JobFigures?>(nil)

    private static let interval: Duration = .seconds(30)

    package init(_ queues: JobQueues, logger: Logger) {
        self.queues = queues
        self.logger = logger
    }

    /// At most half a minute old; nil before the first look.
    package var figures: JobFigures? { last.withLock { $0 } }

    package var service: any Service {
        PollingService("figures of jobs", interval: Self.interval, logger: logger) {
            try await self.look()
            return 0
        }
    }

    package func look() async throws {
        let statuses = try await queues.list()
        let figures = JobFigures(
            counts: statuses.reduce(into: [:]) { counts, queue in counts.merge(queue.counts) { $0 + $1 } },
            availableSince: statuses.filter { $0.pausedAt == nil }.compactMap(\.availableSince).min(),
            pausedQueues: statuses.count { $0.pausedAt != nil })
        last.withLock { $0 = figures }
    }
}
