import Jobs
import Lifecycle
import SQL
import Shared
import Synchronization

/// Does nothing.
private struct NoopJob: Job {
    static let kind = "probe.noop"
    static let queue = "noop"

    let number: Int
}

/// Measures jobs that do nothing: from a full table until all of them are completed.
struct NoopProbe {
    let database: any Database

    init(_ database: any Database) { self.database = database }

    private static let batchSize = 500

    func run(count: Int) async throws {
        let clock = SystemWallClock()
        let identifiers = TimeOrderedIdentifierSource(clock: clock)
        let (signals, done) = (JobSignals(), DoneCount(of: count))
        let jobs = Jobs(identifiers: identifiers, clock: clock, signals: signals)
        let stopwatch = ContinuousClock()
        let enqueueing = try await stopwatch.measure {
            for start in stride(from: 0, to: count, by: Self.batchSize) {
                try await database.write { transaction in
                    for number in start..<min(start + Self.batchSize, count) {
                        try jobs.enqueue(NoopJob(number: number), in: transaction)
                    }
                }
            }
        }
        let handler = JobHandler.on(NoopJob.self) { _, _ in done.add() }
        let worker = try JobWorker(
            database: database, owner: identifiers.next(), handlers: [handler], clock: clock, signals: signals,
            logger: .silent)
        let lifecycle = ServiceLifecycle()
        let working = try await stopwatch.measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run(lifecycle) }
                await done.all.wait()
                while try await isAnyLeft() { try await Task.sleep(for: .milliseconds(5)) }
                lifecycle.requestShutdown(deadline: .now + .seconds(10))
                try await group.waitForAll()
            }
        }
        Report.write([
            "count": Double(count), "enqueue_seconds": enqueueing.inSeconds, "seconds": working.inSeconds,
        ])
    }

    private func isAnyLeft() async throws -> Bool {
        try await database.read { transaction in
            try transaction.first(
                "SELECT 1 FROM jobs WHERE queue = 'noop' AND state = 'running' LIMIT 1"
            ) { try $0.integer(0) } != nil
        }
    }
}

/// Counts up to all.
final class DoneCount: Sendable {
    let all = Latch()
    private let total: Int
    private let count = Atomic<Int>(0)

    init(of total: Int) { self.total = total }

    func add() {
        if count.add(1, ordering: .relaxed).newValue == total { all.open() }
    }
}
