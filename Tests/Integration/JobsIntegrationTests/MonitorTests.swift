import DatabaseSupport
import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import Jobs

@Suite("Figures of jobs")
struct MonitorTests {
    /// Jobs in a state, in the queue `work`.
    private func insert(_ count: Int, _ state: JobState, in house: JobsHouse) async throws {
        let now = house.clock.now
        let finished = [.completed, .cancelled, .discarded].contains(state) ? now : nil
        let ids = (0..<count).map { _ in house.identifiers.next() }
        try await house.database.write { transaction in
            for id in ids {
                try transaction.submit(
                    """
                    INSERT INTO jobs (id, kind, queue, version, arguments, state, priority, due_at, attempts,
                        attempts_max, fence, created_at, finished_at)
                    VALUES (\(id), 'test.work', 'work', 1, \(json: "{}"), \(state.rawValue), 5, \(now), 0, 20, 0,
                        \(now), \(finished))
                    """)
            }
        }
    }

    @Test("every state but completed is counted, and no completed job is read for it")
    func counted() async throws {
        try await withJobsHouse { house async throws in
            for (count, state) in JobState.allCases.enumerated() { try await insert(count + 1, state, in: house) }
            let queue = try #require(try await house.queues.list().first)
            #expect(queue.name == "work" && queue.counts[.completed] == nil)
            for (count, state) in JobState.allCases.enumerated() where state != .completed {
                #expect(queue.counts[state] == count + 1, "\(state)")
            }
            let plan = try await house.database.read { transaction in
                switch transaction.dialect {
                case .sqlite:
                    return try transaction.query("EXPLAIN QUERY PLAN \(JobQueues.counting)") { try $0.text(3) }
                case .postgres:
                    try transaction.execute("SET LOCAL enable_seqscan = off")
                    return try transaction.query("EXPLAIN (COSTS OFF) \(JobQueues.counting)") { try $0.text(0) }
                }
            }
            let indexes = ["jobs_available", "jobs_running", "jobs_waiting", "jobs_failed"]
            #expect(indexes.allSatisfy { name in plan.contains { $0.contains(name) } }, "\(plan)")
            #expect(!plan.contains { $0.contains("Seq Scan") || $0 == "SCAN jobs" }, "\(plan)")
        }
    }

    @Test("the longer a look takes, the longer the next one is put off")
    func rest() async throws {
        try await withJobsHouse { house async throws in
            let stopwatch = ManualClock()
            let slow = SlowDatabase(base: house.database, clock: stopwatch, delay: .seconds(2))
            let monitor = JobMonitor(
                JobQueues(slow, clock: house.clock), stopwatch: stopwatch, logger: house.log.logger())
            #expect(monitor.isDue)
            try await monitor.look()
            #expect(monitor.figures != nil)
            // It took two seconds of the two hundred that belong to it.
            stopwatch.advance(by: .seconds(197))
            #expect(!monitor.isDue)
            stopwatch.advance(by: .seconds(1))
            #expect(monitor.isDue)
        }
    }
}

/// A database that takes its time.
private struct SlowDatabase: Database {
    let base: any Database
    let clock: ManualClock
    let delay: Duration

    var dialect: Dialect { base.dialect }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try await base.write(body)
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        clock.advance(by: delay)
        return try await base.read(body)
    }

    func time() async throws -> Timestamp? { try await base.time() }
    func close(by deadline: ContinuousClock.Instant?) async {}
}
