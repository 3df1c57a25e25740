import Lifecycle
import Messaging
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("Jobs as they run")
struct RunTests {
    @Test("a job that is done is completed")
    func completes() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob(value: 3))
            let seen = Recorder<Int>()
            let worker = try house.worker([
                .on(NumberJob.self) { job, run in
                    seen.add(job.value)
                    seen.add(run.attempt)
                    seen.add(run.attemptsMax)
                }
            ])
            #expect(try await worker.workUntilIdle() == 1)
            #expect(seen.all == [3, 1, 4])
            let record = try await house.latest()
            #expect(record.state == .completed)
            #expect(record.finishedAt == house.clock.now)
            #expect(record.attemptedAt == house.clock.now)
        }
    }

    @Test("a job that fails is tried again after growing pauses, and discarded after its last attempt")
    func retries() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob(), unique: .untilFinished())
            let tries = Recorder<Timestamp>()
            let (clock, start) = (house.clock, house.clock.now)
            let worker = try house.worker([
                .on(NumberJob.self) { _, run in
                    tries.add(clock.now)
                    throw JobFailure("no. \(run.attempt)\u{0}")
                }
            ])
            for _ in 0..<20 {
                try await worker.workUntilIdle()
                clock.advance(by: .milliseconds(500))
            }
            #expect(tries.all.map { $0 - start } == [.zero, .seconds(1), .seconds(3), .seconds(7)])
            let record = try await house.latest()
            #expect(record.state == .discarded)
            #expect(record.error == "no. 4")
            #expect(record.attempts == 4)
            #expect(house.log.entries.map(\.level) == [.warning, .warning, .warning, .error])
            _ = try house.id(try await house.enqueue(NumberJob(), unique: .untilFinished()))
        }
    }

    @Test("between attempts it says why it failed and when it runs again")
    func retryable() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob())
            try await house.worker([.on(NumberJob.self) { _, _ in throw JobFailure() }]).workUntilIdle()
            let record = try await house.latest()
            #expect(record.state == .retryable)
            #expect(record.error == "it failed")
            #expect(record.dueAt == house.clock.now + .seconds(1))
            #expect(record.finishedAt == nil)
        }
    }

    @Test("a job may put itself off, which counts as no attempt, or cancel itself")
    func decides() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob())
            let clock = house.clock
            let attempts = Recorder<Int>()
            let worker = try house.worker([
                .deciding(NumberJob.self) { _, run in
                    attempts.add(run.attempt)
                    if attempts.all.count < 9 { return .postponed(until: clock.now + .seconds(60)) }
                    return .cancelled(reason: "the account is gone")
                }
            ])
            for _ in 0..<9 {
                #expect(try await worker.workUntilIdle() == 1)
                clock.advance(by: .seconds(60))
            }
            #expect(attempts.all == Array(repeating: 1, count: 9))
            let record = try await house.latest()
            #expect(record.state == .cancelled)
            #expect(record.error == "the account is gone")
        }
    }

    @Test("a month of retries and schedules passes in a moment")
    func month() async throws {
        try await withJobsHouse { house async throws in
            let start = house.clock.now
            for day in 1...30 {
                try await house.enqueue(NumberJob(value: day), runAt: start + .seconds(Int64(day) * 86_400))
            }
            let worker = try house.worker([house.writing()])
            house.clock.advance(by: .seconds(15 * 86_400))
            #expect(try await worker.workUntilIdle() == 15)
            house.clock.advance(by: .seconds(15 * 86_400))
            #expect(try await worker.workUntilIdle() == 15)
            #expect(try await house.effects().sorted() == Array(1...30))
        }
    }

    @Test("kinds that this program does not know are left alone, also on its queues and at the head of them")
    func unknownKinds() async throws {
        try await withJobsHouse { house async throws in
            let kinds = [house.writing()]
            try await house.enqueue(OtherJob())
            try await house.database.write { try $0.execute("UPDATE jobs SET queue = 'default', priority = 0") }
            try await house.enqueue(NumberJob(value: 2))
            let worker = try house.worker(kinds)
            #expect(try await worker.workUntilIdle() == 1)
            #expect(try await house.counts() == ["available 1", "completed 1"])
            house.clock.advance(by: .seconds(30 * 86_400))
            #expect(try await worker.workUntilIdle() == 0)
            #expect(try await house.counts() == ["available 1", "completed 1"])
        }
    }

    @Test("a worker without handlers takes nothing")
    func noHandlers() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...3)
            #expect(try await house.worker([]).workUntilIdle() == 0)
            #expect(try await house.counts() == ["available 3"])
        }
    }

    @Test("arguments of another version, or that are none of this kind, are a failure that says so")
    func foreignArguments() async throws {
        try await withJobsHouse { house async throws in
            let worker = try house.worker([house.writing()])
            let cases: [(change: Statement, error: String)] = [
                ("version = 2", "its arguments have version 2; this program reads version 1 of test.number"),
                (
                    "arguments = \(json: #"{"value":"x"}"#)",
                    "its arguments are not those of test.number: value: Expected to decode Int but found a string instead."
                ),
                (
                    "arguments = \(json: "{}")",
                    "its arguments are not those of test.number: value: there is no such key"
                ),
                ("arguments = \(json: "[]")", "its arguments are not those of test.number"),
            ]
            for (change, error) in cases {
                let id = try house.id(try await house.enqueue(NumberJob()))
                try await house.database.write { try $0.execute("UPDATE jobs SET \(change) WHERE id = \(id)") }
                try await worker.workUntilIdle()
                let record = try #require(try await house.administration.find(id))
                #expect(record.state == .retryable)
                #expect(record.error?.hasPrefix(error) == true, "\(record.error ?? "no error")")
            }
            #expect(try await house.effects() == [])
        }
    }

    @Test("a kind may read the arguments of older versions itself")
    func olderArguments() async throws {
        struct Renamed: Job {
            static let kind = NumberJob.kind
            static let version = 2
            let number: Int

            static func read(_ arguments: String, version: Int) throws -> Renamed {
                if version == 1 { return Renamed(number: try NumberJob.read(arguments, version: 1).value) }
                return try EventCoding.decode(Renamed.self, from: arguments)
            }
        }
        try await withJobsHouse { house async throws in
            let seen = Recorder<Int>()
            try await house.enqueue(NumberJob(value: 5))
            try await house.enqueue(Renamed(number: 6))
            let worker = try house.worker([.on(Renamed.self) { job, _ in seen.add(job.number) }])
            try await worker.workUntilIdle()
            #expect(seen.all.sorted() == [5, 6])
        }
    }

    @Test("a job that runs too long is cancelled, and that is a failure")
    func timeout() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob())
            let worker = try house.worker([.on(NumberJob.self) { _, _ in try await Task.sleep(for: .seconds(600)) }])
            try await worker.beat()
            #expect(try await worker.fill() == 1)
            house.clock.advance(by: .seconds(29))
            worker.endOverdue()
            #expect(worker.runningCount == 1)
            house.clock.advance(by: .seconds(1))
            worker.endOverdue()
            try await within { try await worker.workUntilIdle() }
            let record = try await house.latest()
            #expect(record.state == .retryable)
            #expect(record.error == "it ran longer than its 30 s and was cancelled")
        }
    }

    @Test("a job that never ends fails all the same; its late end does not count")
    func neverEnds() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob())
            let end = Latch()
            let worker = try house.worker([
                .on(NumberJob.self) { _, _ in
                    // Whatever becomes of its task.
                    await Task.detached { await end.wait() }.value
                }
            ])
            try await worker.beat()
            #expect(try await worker.fill() == 1)
            house.clock.advance(by: .seconds(30))
            worker.endOverdue()
            house.clock.advance(by: RunningJobs.patience)
            worker.endOverdue()
            worker.endOverdue()
            #expect(try await worker.flush() == 1)
            let record = try await house.latest()
            #expect(record.state == .retryable)
            #expect(record.error == "it ran too long and did not end when it was cancelled")
            #expect(worker.runningCount == 1)
            end.open()
            try await within { try await worker.workUntilIdle() }
            #expect(worker.runningCount == 0)
            #expect(try await house.latest().state == .retryable)
        }
    }

    @Test("two handlers of one kind are a defect that is found at the start")
    func twoHandlers() async throws {
        try await withJobsHouse { house async throws in
            #expect(throws: InternalFailure.self) { try house.worker([house.writing(), house.writing()]) }
            #expect(throws: InternalFailure.self) {
                try house.worker([house.writing()], queues: [JobQueue("default"), JobQueue("default")])
            }
        }
    }
}
