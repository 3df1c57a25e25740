import SQL
import Shared
import TestSupport
import Testing

@testable import Jobs

@Suite("Jobs on their way in")
struct EnqueueTests {
    @Test("a job is made with its cause, or not at all")
    func transaction() async throws {
        try await withJobsHouse { house async throws in
            let jobs = house.jobs
            await #expect(throws: JobFailure.self) {
                try await house.database.write { transaction in
                    try jobs.enqueue(NumberJob(), in: transaction)
                    throw JobFailure()
                }
            }
            #expect(try await house.counts() == [])
            let id = try house.id(try await house.enqueue(NumberJob(value: 7)))
            let record = try #require(try await house.administration.find(id))
            #expect(record.state == .available)
            #expect(record.kind == "test.number")
            #expect(record.queue == "default")
            #expect(record.arguments.filter { $0 != " " } == #"{"value":7}"#)
            #expect(record.attempts == 0)
            #expect(record.attemptsMax == 4)
            #expect(record.createdAt == house.clock.now)
        }
    }

    @Test("the first priority runs first, then what is due longest, then what was made first")
    func order() async throws {
        try await withJobsHouse { house async throws in
            let now = house.clock.now
            try await house.enqueue(NumberJob(value: 4))
            try await house.enqueue(NumberJob(value: 5))
            try await house.enqueue(NumberJob(value: 3), runAt: now - .seconds(1))
            try await house.enqueue(NumberJob(value: 6), runAt: now - .seconds(9), priority: 9)
            try await house.enqueue(NumberJob(value: 1), priority: -3)
            try await house.enqueue(NumberJob(value: 2), priority: 1)
            let worker = try house.worker([house.writing()], queues: [JobQueue("default", concurrency: 1)])
            #expect(try await worker.workUntilIdle() == 6)
            #expect(try await house.effects() == [1, 2, 3, 4, 5, 6])
        }
    }

    @Test("a job for later runs at its time and not before")
    func later() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob(), runAt: house.clock.now + .seconds(86_400))
            let worker = try house.worker([house.writing()])
            #expect(try await house.counts() == ["scheduled 1"])
            house.clock.advance(by: .seconds(86_399))
            #expect(try await worker.workUntilIdle() == 0)
            house.clock.advance(by: .seconds(1))
            #expect(try await worker.workUntilIdle() == 1)
            #expect(try await house.effects() == [1])
        }
    }

    @Test("of equal jobs there is one until it is finished, and then another one")
    func uniqueUntilFinished() async throws {
        try await withJobsHouse { house async throws in
            let first = try house.id(try await house.enqueue(NumberJob(value: 1), unique: .untilFinished()))
            #expect(try await house.enqueue(NumberJob(value: 1), unique: .untilFinished()) == .duplicate(of: first))
            _ = try house.id(try await house.enqueue(NumberJob(value: 2), unique: .untilFinished()))
            _ = try house.id(try await house.enqueue(NumberJob(value: 1)))
            try await house.worker([house.writing()]).workUntilIdle()
            #expect(try await house.effects().sorted() == [1, 1, 2])
            let next = try house.id(try await house.enqueue(NumberJob(value: 1), unique: .untilFinished()))
            #expect(next != first)
        }
    }

    @Test("of equal jobs within a period there is one, though it is finished; after the period another one")
    func uniqueWithin() async throws {
        try await withJobsHouse { house async throws in
            let hourly = JobUniqueness.within(.seconds(3_600), by: .key("report"))
            let first = try house.id(try await house.enqueue(NumberJob(value: 1), unique: hourly))
            let worker = try house.worker([house.writing()])
            try await worker.workUntilIdle()
            house.clock.advance(by: .seconds(3_599))
            #expect(try await house.enqueue(NumberJob(value: 2), unique: hourly) == .duplicate(of: first))
            house.clock.advance(by: .seconds(1))
            _ = try house.id(try await house.enqueue(NumberJob(value: 3), unique: hourly))
            try await worker.workUntilIdle()
            #expect(try await house.effects() == [1, 3])
        }
    }

    @Test("a cancelled job stands in no equal one's way")
    func uniqueAfterCancelling() async throws {
        try await withJobsHouse { house async throws in
            let unique = JobUniqueness.within(.seconds(3_600))
            let first = try house.id(try await house.enqueue(NumberJob(), unique: unique))
            #expect(try await house.administration.cancel(first) == .done)
            _ = try house.id(try await house.enqueue(NumberJob(), unique: unique))
        }
    }

    @Test("fifty at once wish for one job, and have one")
    func uniqueAtOnce() async throws {
        try await withJobsHouse { house async throws in
            let made = try await withThrowingTaskGroup(of: Enqueued.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await house.enqueue(NumberJob(), unique: .untilFinished()) }
                }
                var made: [JobID] = []
                for try await enqueued in group {
                    if case .made(let id) = enqueued { made.append(id) }
                }
                return made
            }
            #expect(made.count == 1)
            #expect(try await house.counts() == ["available 1"])
        }
    }
}
