import DatabaseSupport
import Lifecycle
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("Jobs of several workers")
struct LeaseTests {
    @Test("workers share jobs out: each effect is there once")
    func shares() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...300)
            let workers = try (1...4).map { number in
                try house.worker([house.writing()], owner: SequentialIdentifiers.identifier(UInt64(100 + number)))
            }
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in workers { group.addTask { try await worker.workUntilIdle() } }
                var counts: [Int] = []
                for try await count in group { counts.append(count) }
                return counts
            }
            #expect(counts.reduce(0, +) == 300)
            #expect(try await house.effects().sorted() == Array(1...300))
            #expect(try await house.counts() == ["completed 300"])
        }
    }

    @Test("a dead worker's jobs are taken over when its lease is over, within 30 s, and not before")
    func takesOver() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...5)
            let end = Latch()
            let dead = try house.worker([.on(NumberJob.self) { _, _ in await end.wait() }])
            try await dead.beat()
            #expect(try await dead.fill() == 5)
            let other = try house.worker([house.writing()], owner: JobsHouse.otherOwner)
            house.clock.advance(by: JobLeases.term - .milliseconds(1))
            #expect(try await other.workUntilIdle() == 0)
            house.clock.advance(by: JobLeases.interval)
            #expect(JobLeases.term + JobLeases.interval < .seconds(30))
            #expect(try await other.workUntilIdle() == 5)
            #expect(try await house.effects().sorted() == [1, 2, 3, 4, 5])
            end.open()
        }
    }

    @Test("a worker that lives keeps its jobs, however long they run")
    func heartbeat() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...1)
            let end = Latch()
            let slow = try house.worker([house.writing { _, _ in await end.wait() }])
            try await slow.beat()
            #expect(try await slow.fill() == 1)
            let other = try house.worker([house.writing()], owner: JobsHouse.otherOwner)
            for _ in 0..<100 {
                house.clock.advance(by: JobLeases.interval)
                try await slow.beat()
                #expect(try await other.workUntilIdle() == 0)
            }
            end.open()
            try await within { try await slow.workUntilIdle() }
            #expect(try await house.effects() == [1])
            #expect(try await house.counts() == ["completed 1"])
        }
    }

    @Test("a worker that lost a job can write neither its effect nor its result, whatever that is")
    func staleFence() async throws {
        enum End: CaseIterable { case effect, success, failure }
        for end in End.allCases {
            try await withJobsHouse { house async throws in
                try await house.enqueue(NumberJob(value: 1))
                let (paused, database) = (Latch(), house.database)
                let refused = Recorder<JobLost>()
                let slow = try house.worker([
                    .on(NumberJob.self) { _, run in
                        await paused.wait()
                        switch end {
                        case .success: return
                        case .failure: throw JobFailure("too late")
                        case .effect:
                            do {
                                try await database.write { transaction in
                                    try transaction.submit("INSERT INTO effects (value) VALUES (-1)")
                                    try run.complete(in: transaction)
                                }
                            } catch let lost as JobLost {
                                refused.add(lost)
                                throw lost
                            }
                        }
                    }
                ])
                try await slow.beat()
                #expect(try await slow.fill() == 1)
                house.clock.advance(by: JobLeases.term)
                let other = try house.worker([house.writing()], owner: JobsHouse.otherOwner)
                #expect(try await other.workUntilIdle() == 1)
                paused.open()
                try await within { try await slow.workUntilIdle() }
                #expect(try await house.effects() == [1])
                let record = try await house.latest()
                #expect(record.state == .completed)
                #expect(record.attempts == 2)
                #expect(record.error == JobLeases.death)
                #expect(refused.all.count == (end == .effect ? 1 : 0))
            }
        }
    }

    @Test("a run that lost its job to another run of the same worker's successor cannot hold it either")
    func hold() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob())
            let (database, lost, held) = (house.database, Latch(), Recorder<Bool>())
            let slow = try house.worker([
                .on(NumberJob.self) { _, run in
                    try await database.write { try run.hold(in: $0) }
                    held.add(true)
                    await lost.wait()
                    await #expect(throws: JobLost.self) { try await database.write { try run.hold(in: $0) } }
                    held.add(false)
                }
            ])
            try await slow.beat()
            #expect(try await slow.fill() == 1)
            try await until { !held.all.isEmpty }
            house.clock.advance(by: JobLeases.term)
            try await house.worker([house.writing()], owner: JobsHouse.otherOwner).workUntilIdle()
            lost.open()
            try await within { try await slow.workUntilIdle() }
            #expect(held.all == [true, false])
        }
    }

    @Test("a worker whose lease is over takes no jobs until it has said that it lives")
    func withoutLease() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...2)
            let worker = try house.worker([house.writing()])
            #expect(try await worker.fill() == 0)
            try await worker.beat()
            house.clock.advance(by: JobLeases.term)
            #expect(try await worker.fill() == 0)
            try await worker.beat()
            #expect(try await worker.fill() == 2)
            try await within { try await worker.workUntilIdle() }
        }
    }

    @Test("jobs that a worker has without knowing, because the answer to its claim was lost, are given back")
    func lostAnswer() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...3)
            let forgetful = ForgetfulDatabase(house.database)
            let worker = try house.worker([house.writing()], over: forgetful)
            try await worker.beat()
            forgetful.forgetsNext()
            await #expect(throws: Unavailable.self) { try await worker.fill() }
            #expect(try await house.counts() == ["running 3"])
            try await worker.beat()
            house.clock.advance(by: JobLeases.term - .seconds(1))
            #expect(try await worker.workUntilIdle() == 0)
            house.clock.advance(by: .seconds(1))
            // The look gives them back, the next one finds them.
            _ = try await worker.workUntilIdle()
            #expect(try await worker.workUntilIdle() == 3)
            #expect(try await house.effects().sorted() == [1, 2, 3])
            #expect(try await house.latest().attempts == 1)
        }
    }

    @Test("a job that kills its process each time is discarded in the end, with growing pauses on the way")
    func poison() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob())
            let never = Latch()
            var process: UInt64 = 1_000
            for attempt in 1...4 {
                process += 1
                let dead = try house.worker(
                    [.on(NumberJob.self) { _, _ in await never.wait() }],
                    owner: SequentialIdentifiers.identifier(process))
                try await dead.beat()
                _ = try await dead.promote()
                #expect(try await dead.fill() == 1, "attempt \(attempt)")
                house.clock.advance(by: JobLeases.term)
                let finder = try house.worker([house.writing()], owner: JobsHouse.otherOwner)
                #expect(try await finder.beat() == 1)
                let record = try await house.latest()
                #expect(record.state == (attempt == 4 ? .discarded : .retryable))
                if attempt == 3 { #expect(record.dueAt == house.clock.now + .seconds(4)) }
                house.clock.advance(by: .seconds(4))
            }
            never.open()
            #expect(try await house.latest().error == JobLeases.death)
        }
    }

    @Test("dead workers' jobs of unknown kinds are left to a program that knows them")
    func unknownOrphans() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob())
            let never = Latch()
            let dead = try house.worker([.on(NumberJob.self) { _, _ in await never.wait() }])
            try await dead.beat()
            #expect(try await dead.fill() == 1)
            house.clock.advance(by: .seconds(86_400))
            let other = try house.worker([.on(OtherJob.self) { _, _ in }], owner: JobsHouse.otherOwner)
            #expect(try await other.beat() == 0)
            #expect(try await house.counts() == ["running 1"])
            never.open()
        }
    }

    @Test("the clock of jobs may jump: who lives is decided by the other clock")
    func twoClocks() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(NumberJob())
            let (lease, end) = (ManualClock(), Latch())
            let workers = try [JobsHouse.owner, JobsHouse.otherOwner].map { owner in
                try JobWorker(
                    database: house.database, owner: owner, handlers: [house.writing { _, _ in await end.wait() }],
                    clock: house.clock, leaseClock: lease, stopwatch: house.clock, logger: .silent)
            }
            try await workers[0].beat()
            #expect(try await workers[0].fill() == 1)
            house.clock.set(to: house.clock.now + .seconds(30 * 86_400))
            #expect(try await workers[1].beat() == 0)
            lease.advance(by: JobLeases.term)
            #expect(try await workers[1].beat() == 1)
            end.open()
            try await within { try await workers[0].workUntilIdle() }
        }
    }
}
