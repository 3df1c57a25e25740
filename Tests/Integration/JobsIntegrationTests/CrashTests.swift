import DatabaseSupport
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("Workers killed between any two steps")
struct CrashTests {
    @Test("claim, run, result and takeover: each effect is there once", arguments: MortalDatabase.Moment.allCases)
    func anyStep(_ moment: MortalDatabase.Moment) async throws {
        try await withJobsHouse { house async throws in
            var (step, wasKilled) = (0, true)
            while wasKilled {
                step += 1
                try await house.database.write { transaction in
                    try transaction.execute("DELETE FROM effects")
                    try transaction.execute("DELETE FROM jobs")
                }
                try await house.enqueue(1...2)
                try await house.enqueue(NumberJob(value: 3), runAt: house.clock.now + .seconds(1))
                let mortal = MortalDatabase(house.database, diesAt: step, moment)
                try? await run(house, over: mortal, owner: UInt64(1_000 + step))
                wasKilled = mortal.isDead
                house.clock.advance(by: JobLeases.term)
                // A new process, when the lease of the dead one is over.
                try await run(house, over: house.database, owner: UInt64(5_000 + step))
                #expect(try await house.effects().sorted() == [1, 2, 3], "step \(step)")
                #expect(try await house.counts() == ["completed 3"], "step \(step)")
            }
            #expect(step > 10)
        }
    }

    /// A process from its start until nothing is left; one job fails once.
    private func run(_ house: JobsHouse, over database: any Database, owner: UInt64) async throws {
        let hasFailed = Mutex(false)
        let handler = house.writing(over: database) { job, _ in
            let fails = hasFailed.withLock { hasFailed in
                defer { hasFailed = hasFailed || job.value == 2 }
                return job.value == 2 && !hasFailed
            }
            if fails { throw JobFailure() }
        }
        let worker = try house.worker(
            [handler], owner: SequentialIdentifiers.identifier(owner), over: database)
        for _ in 0..<4 {
            try await worker.workUntilIdle()
            house.clock.advance(by: .seconds(5))
        }
    }

    @Test("1,000 jobs, and workers that die at random: all are completed, with each effect once")
    func atRandom() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...1_000)
            try await house.database.write { try $0.execute("UPDATE jobs SET attempts_max = 20") }
            var generator = SeededGenerator(seed: 11)
            var process: UInt64 = 100
            while try await house.counts() != ["completed 1000"] {
                let mortals = (0..<3).map { _ in
                    process += 1
                    let database = MortalDatabase(
                        house.database, diesAt: Int.random(in: 5...60, using: &generator),
                        Bool.random(using: &generator) ? .before : .after)
                    return (database, SequentialIdentifiers.identifier(process))
                }
                await withTaskGroup(of: Void.self) { group in
                    for (database, owner) in mortals {
                        group.addTask {
                            let worker = try? house.worker(
                                [house.writing(over: database)], owner: owner, over: database)
                            _ = try? await worker?.workUntilIdle()
                        }
                    }
                }
                house.clock.advance(by: .seconds(120))
                guard process < 3_000 else {
                    Issue.record("there is no end: \(try await house.counts())")
                    return
                }
            }
            #expect(try await house.effects().sorted() == Array(1...1_000))
        }
    }
}
