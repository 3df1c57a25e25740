import Audit
import Lifecycle
import Messaging
import SQL
import Shared
import TestSupport
import Testing
import Transactions

@testable import Jobs

@Suite("The worker as a service")
struct ServiceTests {
    /// Units of work with nothing of a module's own.
    private struct Context: SQLBackedContext {
        let sql: SQLContext
    }

    private func work(_ house: JobsHouse) -> SQLUnitOfWork<Context> {
        SQLUnitOfWork(
            "test", database: house.database, outbox: Outbox(identifiers: house.identifiers, clock: house.clock),
            auditLog: AuditLog(writer: "main", identifiers: house.identifiers, clock: house.clock),
            published: Wakeup()
        ) { Context(sql: $0) }
    }

    /// Runs the worker until `body` ends, and then to its own end.
    private func running(
        _ worker: JobWorker, grace: Duration = .seconds(60), _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let (stop, started) = (Latch(), Latch())
        async let group: Void = ServiceGroup([worker], grace: grace, logger: .silent)
            .run(until: stop, started: { started.open() })
        try await within {
            await started.wait()
            try await body()
        }
        stop.open()
        try await group
    }

    @Test("does what was there before it started, what a commit tells it of, and what it finds by looking")
    func runs() async throws {
        try await withJobsHouse { house async throws in
            let latches = (0...3).map { _ in Latch() }
            let worker = try house.worker([house.writing { job, _ in latches[job.value].open() }])
            try await house.enqueue(1...1)
            try await running(worker) {
                await latches[1].wait()
                let jobs = house.jobs
                try await work(house).write { try jobs.enqueue(NumberJob(value: 2), in: $0.sql) }
                await latches[2].wait()
                try await house.enqueue(NumberJob(value: 3))
                await latches[3].wait()
            }
            #expect(try await house.effects().sorted() == [1, 2, 3])
            #expect(try await house.counts() == ["completed 3"])
        }
    }

    @Test("a job of a unit of work that is undone is not made")
    func undone() async throws {
        try await withJobsHouse { house async throws in
            let jobs = house.jobs
            await #expect(throws: JobFailure.self) {
                try await work(house).write { context in
                    try jobs.enqueue(NumberJob(), in: context.sql)
                    throw JobFailure()
                }
            }
            #expect(try await house.counts() == [])
        }
    }

    @Test("when it ends it waits for what runs, gives back what has not started, and lets its lease go")
    func drains() async throws {
        try await withJobsHouse { house async throws in
            let (isRunning, end) = (Latch(), Latch())
            let handler = house.writing { job, _ in
                guard job.value > 20 else { return }
                isRunning.open()
                await end.wait()
            }
            let worker = try house.worker([handler], queues: [JobQueue("default", concurrency: 2)])
            try await house.enqueue(1...20)
            try await worker.workUntilIdle()
            // Twenty jobs within that time: it may claim many at once.
            house.clock.advance(by: .milliseconds(20))
            try await house.enqueue(21...70)
            let lifecycle = ServiceLifecycle()
            async let run: Void = worker.run(lifecycle)
            await isRunning.wait()
            try await until { try await house.counts() == ["running 50", "completed 20"] }
            lifecycle.requestShutdown(deadline: .now + .seconds(60))
            try await until { try await house.counts() == ["available 48", "running 2", "completed 20"] }
            end.open()
            try await run
            #expect(try await house.counts() == ["available 48", "completed 22"])
            let left = try await house.administration.list(JobFilter(state: .available), PageRequest(limit: 100))
            #expect(left.items.allSatisfy { $0.attempts == 0 })
            #expect(try await workerCount(house) == 0)
        }
    }

    @Test("what does not end in time is cancelled and given back, and counts as no attempt")
    func givesBack() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...1)
            let isRunning = Latch()
            let writing = house.writing { _, _ in
                isRunning.open()
                try await Task.sleep(for: .seconds(600))
            }
            // Running jobs are cancelled at once.
            let worker = try house.worker([writing], timeToGiveBack: .seconds(60))
            try await running(worker, grace: .seconds(60)) { await isRunning.wait() }
            let record = try await house.latest()
            #expect(record.state == .available)
            #expect(record.attempts == 0)
            #expect(try await workerCount(house) == 0)
            #expect(try await house.worker([house.writing()], owner: JobsHouse.otherOwner).workUntilIdle() == 1)
        }
    }

    private func workerCount(_ house: JobsHouse) async throws -> Int {
        try await house.database.read { transaction in
            try transaction.first("SELECT count(*) FROM job_workers") { try $0.integer(0) } ?? -1
        }
    }
}
