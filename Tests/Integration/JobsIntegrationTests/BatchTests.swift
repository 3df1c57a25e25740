import Lifecycle
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("Many short jobs")
struct BatchTests {
    /// Does nothing.
    private struct NoJob: Job {
        static let kind = "test.none"
    }

    /// A database that counts its commits.
    private final class CountingDatabase: Database {
        private let database: any Database
        private let writes = Mutex(0)

        init(_ database: any Database) {
            self.database = database
        }

        var dialect: Dialect { database.dialect }
        var writeCount: Int { writes.withLock { $0 } }

        func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
            writes.withLock { $0 += 1 }
            return try await database.write(body)
        }

        func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
            try await database.read(body)
        }

        func time() async throws -> Timestamp? { try await database.time() }
        func close(by deadline: ContinuousClock.Instant?) async {}
    }

    @Test("share their commits: 20,000 jobs are claimed and completed in fewer than 2,000")
    func shared() async throws {
        try await withJobsHouse { house async throws in
            let total = 20_000
            try await house.database.write { [jobs = house.jobs] transaction in
                for _ in 0..<total { try jobs.enqueue(NoJob(), in: transaction) }
            }
            let (database, done) = (CountingDatabase(house.database), Latch())
            let count = Atomic(0)
            let worker = try JobWorker(
                database: database, owner: JobsHouse.owner,
                handlers: [
                    .on(NoJob.self) { _, _ in
                        if count.add(1, ordering: .relaxed).newValue == total { done.open() }
                    }
                ], clock: house.clock, logger: .silent)
            let lifecycle = ServiceLifecycle()
            async let run: Void = worker.run(lifecycle)
            try await within(.seconds(300)) { await done.wait() }
            lifecycle.requestShutdown(deadline: .now + .seconds(60))
            try await run
            #expect(try await house.counts() == ["completed \(total)"])
            #expect(database.writeCount < 2_000)
        }
    }
}
