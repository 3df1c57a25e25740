import Messaging
import SQL
import Shared
import Synchronization

/// What a job came to, if it did not fail.
package enum JobOutcome: Sendable {
    case done
    /// Not yet: runs again at that time, which is no failure.
    case postponed(until: Timestamp)
    /// There is no sense in it any more.
    case cancelled(reason: String)
}

/// Who does the jobs of one kind; a value in a module's wiring.
package struct JobHandler: Sendable {
    package let kind: String
    package let queue: String
    let timeout: Duration
    let retries: RetryPolicy
    let handle: @Sendable (ClaimedJob, JobRun) async throws -> JobOutcome

    /// - Parameter handle: may run more than once for one job, also at the same time if its process was taken for dead;
    ///   see `JobRun.complete`. Ends when its task is cancelled.
    package static func deciding<J: Job>(
        _: J.Type, handle: @escaping @Sendable (_ job: J, _ run: JobRun) async throws -> JobOutcome
    ) -> JobHandler {
        JobHandler(kind: J.kind, queue: J.queue, timeout: J.timeout, retries: J.retries) { claimed, run in
            try await handle(try J.read(claimed.arguments, version: claimed.version), run)
        }
    }

    /// For jobs that are done when they return.
    package static func on<J: Job>(
        _ type: J.Type, handle: @escaping @Sendable (_ job: J, _ run: JobRun) async throws -> Void
    ) -> JobHandler {
        deciding(type) { job, run in
            try await handle(job, run)
            return .done
        }
    }
}

/// One run of a job.
package final class JobRun: Sendable {
    package let id: JobID
    /// From 1.
    package let attempt: Int
    package let attemptsMax: Int
    /// The moment that it was scheduled for; nil if it was not made by a schedule.
    package let tick: Timestamp?
    /// Grows with every run of this job: for other systems that refuse an older one.
    package let fence: Int
    private let number: Int
    private let clock: any WallClock
    private let completesItself = Atomic<Bool>(false)

    init(_ job: ClaimedJob, clock: any WallClock) {
        id = job.id
        attempt = job.attempt
        attemptsMax = job.attemptsMax
        tick = job.tick
        fence = job.fence
        number = job.number
        self.clock = clock
    }

    /// Whether `complete` was called.
    var hasCompletedItself: Bool { completesItself.load(ordering: .relaxed) }

    /// Completes the job in the transaction of its effect, so that the effect happens exactly once.
    ///
    /// - Throws: `JobLost` if the job was taken from this run, which has to undo the effect.
    package func complete(in transaction: any SQLTransaction) throws {
        completesItself.store(true, ordering: .relaxed)
        let claims: [(number: Int, fence: Int)] = [(number, fence)]
        guard try !JobResults.complete(claims, at: clock.now, in: transaction).isEmpty else { throw JobLost() }
    }

    /// Looks whether this run still has the job, and keeps it from being taken until the transaction ends: for effects
    /// in several steps.
    ///
    /// - Throws: `JobLost`.
    package func hold(in transaction: any SQLTransaction) throws {
        let isHeld = try transaction.first(
            "SELECT 1 FROM jobs WHERE number = \(number) AND fence = \(fence) AND state = 'running'\(forUpdate)"
        ) { try $0.integer(0) }
        guard isHeld != nil else { throw JobLost() }
    }
}

/// A run's job was taken over, cancelled or completed: what the run does now does not count.
package struct JobLost: Error, Equatable, CustomStringConvertible {
    package let description = "this run does not have its job any more"

    package init() {}
}
