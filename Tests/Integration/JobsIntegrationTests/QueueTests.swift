import Lifecycle
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("Queues of jobs")
struct QueueTests {
    /// Counts how many run at once.
    private final class Gauge: Sendable {
        private let state = Mutex((now: 0, most: 0))

        var most: Int { state.withLock { $0.most } }

        func enter() {
            state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
        }

        func leave() { state.withLock { $0.now -= 1 } }
    }

    @Test("no more jobs of a queue run at once in a process than it says")
    func concurrency() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...40)
            let gauge = Gauge()
            let handler = house.writing { _, _ in
                gauge.enter()
                for _ in 0..<5 { await Task.yield() }
                gauge.leave()
            }
            let worker = try house.worker([handler], queues: [JobQueue("default", concurrency: 3)])
            #expect(try await worker.workUntilIdle() == 40)
            #expect((1...3).contains(gauge.most))
            #expect(try await house.effects().sorted() == Array(1...40))
        }
    }

    @Test("no more jobs of a queue run at once in the whole installation than it says")
    func limit() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...10)
            let end = Latch()
            let queues = [JobQueue("default", concurrency: 5, limit: 4)]
            let workers = try [JobsHouse.owner, JobsHouse.otherOwner].map { owner in
                try house.worker([house.writing { _, _ in await end.wait() }], queues: queues, owner: owner)
            }
            let claimed = try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in workers {
                    group.addTask {
                        try await worker.beat()
                        return try await worker.fill()
                    }
                }
                var claimed = 0
                for try await count in group { claimed += count }
                return claimed
            }
            #expect(claimed == 4)
            #expect(try await house.counts() == ["available 6", "running 4"])
            end.open()
            try await within {
                while try await house.effects().count < 10 {
                    for worker in workers { try await worker.workUntilIdle() }
                }
            }
            #expect(try await house.effects().sorted() == Array(1...10))
        }
    }

    @Test("no more jobs of a queue start within a period in the whole installation than its rate says")
    func rate() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...20)
            let queues = [JobQueue("default", concurrency: 50, rate: JobQueue.Rate(6, per: .seconds(60)))]
            let workers = try [JobsHouse.owner, JobsHouse.otherOwner].map { owner in
                try house.worker([house.writing()], queues: queues, owner: owner)
            }
            func work() async throws -> Int {
                var count = 0
                for worker in workers { count += try await worker.workUntilIdle() }
                return count
            }
            #expect(try await work() == 6)
            house.clock.advance(by: .seconds(9))
            #expect(try await work() == 0)
            house.clock.advance(by: .seconds(1))
            #expect(try await work() == 1)
            house.clock.advance(by: .seconds(30))
            #expect(try await work() == 3)
            house.clock.advance(by: .seconds(3_600))
            #expect(try await work() == 6)
        }
    }

    @Test("a paused queue starts nothing until it is resumed; others go on")
    func pause() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...2)
            try await house.enqueue(OtherJob())
            #expect(try await house.queues.pause("default"))
            #expect(try await !house.queues.pause("default"))
            let worker = try house.worker([house.writing(), .on(OtherJob.self) { _, _ in }])
            #expect(try await worker.workUntilIdle() == 1)
            let statuses = try await house.queues.list()
            // The other one's job is completed.
            #expect(statuses.map(\.name) == ["default"])
            #expect(statuses.map(\.pausedAt) == [house.clock.now])
            #expect(statuses.map(\.counts) == [[.available: 2]])
            #expect(statuses.map(\.availableSince) == [house.clock.now])
            #expect(try await house.queues.resume("default"))
            #expect(try await !house.queues.resume("default"))
            #expect(try await worker.workUntilIdle() == 2)
        }
    }

    @Test("a queue that is full does not hold up another one")
    func independence() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...3)
            try await house.enqueue(OtherJob())
            let (end, done) = (Latch(), Latch())
            let worker = try house.worker(
                [house.writing { _, _ in await end.wait() }, .on(OtherJob.self) { _, _ in done.open() }],
                queues: [JobQueue("default", concurrency: 1)])
            try await worker.beat()
            _ = try await worker.fill()
            try await within { await done.wait() }
            #expect(try await house.effects() == [])
            end.open()
            try await within { try await worker.workUntilIdle() }
        }
    }

    @Test("short jobs are claimed in growing batches, long ones one by one, those of shared queues as they can start")
    func claimSize() {
        var size = ClaimSize(JobQueue("fast", concurrency: 10))
        #expect(size.current == 10)
        size.look(at: .zero)
        for _ in 0..<100 { size.ended() }
        size.look(at: .milliseconds(5))
        #expect(size.current == 10)
        size.look(at: .milliseconds(50))
        #expect(size.current == 500)
        for _ in 0..<2_000 { size.ended() }
        size.look(at: .milliseconds(100))
        #expect(size.current == ClaimSize.most)
        size.ended()
        size.look(at: .seconds(10))
        #expect(size.current == 10)
        var shared = ClaimSize(JobQueue("shared", concurrency: 10, limit: 10))
        shared.look(at: .zero)
        for _ in 0..<2_000 { shared.ended() }
        shared.look(at: .seconds(1))
        #expect(shared.current == 10)
    }
}
