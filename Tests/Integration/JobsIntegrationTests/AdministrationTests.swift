import DatabaseSupport
import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import Jobs

@Suite("Jobs under an operator's hands")
struct AdministrationTests {
    @Test("are listed from the latest on, by state, queue and kind, page by page")
    func list() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...5)
            try await house.enqueue(OtherJob(), runAt: house.clock.now + .seconds(60))
            try await house.worker([house.writing()]).workUntilIdle()
            try await house.enqueue(OtherJob())
            func list(
                _ filter: JobFilter, limit: Int = 100, after last: NewestFirst? = nil
            ) async throws -> Page<JobRecord, NewestFirst> {
                try await house.administration.list(filter, PageRequest(limit: limit, after: last))
            }
            let all = try await list(JobFilter()).items
            #expect(all.map(\.id) == all.map(\.id).sorted(by: >))
            #expect(all.count == 7)
            #expect(try await list(JobFilter(state: .completed)).items.count == 5)
            #expect(try await list(JobFilter(state: .scheduled)).items.map(\.kind) == ["test.other"])
            #expect(try await list(JobFilter(queue: "other")).items.count == 2)
            #expect(try await list(JobFilter(state: .available, queue: "other", kind: "test.other")).items.count == 1)
            #expect(try await list(JobFilter(kind: "test.unknown")).items.isEmpty)
            var (pages, last) = ([[JobID]](), NewestFirst?.none)
            repeat {
                let page = try await list(JobFilter(), limit: 3, after: last)
                pages.append(page.items.map(\.id))
                last = page.next
            } while last != nil
            #expect(pages.map(\.count) == [3, 3, 1])
            #expect(pages.flatMap { $0 } == all.map(\.id))
        }
    }

    /// Completed jobs, of which there are most, have a short retention; no job pays for an index by its queue or kind.
    @Test("each part of the list is found in its order: failed jobs by an index of their own, the others along all")
    func plans() async throws {
        try await withJobsHouse { house async throws in
            let failed = [JobState.retryable, .cancelled, .discarded].map { JobFilter(state: $0) }
            let others = [
                JobFilter(), JobFilter(state: .completed), JobFilter(state: .available), JobFilter(state: .running),
                JobFilter(queue: "work"), JobFilter(kind: "test.other"),
            ]
            for after in [nil, NewestFirst(SequentialIdentifiers.identifier(9))] {
                for filter in failed + others {
                    let planned = PlannedDatabase(house.database)
                    let jobs = JobAdministration(planned, clock: house.clock)
                    _ = try await jobs.list(filter, PageRequest(limit: 25, after: after))
                    let plan = try #require(planned.lists.first)
                    #expect(!plan.sorts, "\(filter): \(plan)")
                    #expect(plan.goes(by: failed.contains(filter) ? "jobs_failed" : "jobs_id"), "\(filter): \(plan)")
                }
            }
        }
    }

    @Test("a discarded job is retried with all its attempts; one that is done is not")
    func retry() async throws {
        try await withJobsHouse { house async throws in
            let id = try house.id(try await house.enqueue(NumberJob()))
            let failing = try house.worker([.on(NumberJob.self) { _, _ in throw JobFailure() }])
            for _ in 0..<4 {
                try await failing.workUntilIdle()
                house.clock.advance(by: .seconds(60))
            }
            #expect(try await house.latest().state == .discarded)
            #expect(try await house.administration.retry(id) == .done)
            let record = try await house.latest()
            #expect(record.state == .available)
            #expect(record.attempts == 0)
            #expect(record.error == "it failed")
            #expect(record.finishedAt == nil)
            #expect(try await house.administration.retry(id) == .refused(.available))
            try await house.worker([house.writing()]).workUntilIdle()
            #expect(try await house.effects() == [1])
            #expect(try await house.administration.retry(id) == .refused(.completed))
            #expect(try await house.administration.retry(JobID(JobsHouse.owner)) == .unknown)
        }
    }

    @Test("a retry does not wait for the pause after a failure, or for the time of a scheduled job")
    func retryAtOnce() async throws {
        try await withJobsHouse { house async throws in
            let id = try house.id(try await house.enqueue(NumberJob(), runAt: house.clock.now + .seconds(3_600)))
            #expect(try await house.administration.retry(id) == .done)
            #expect(try await house.worker([house.writing()]).workUntilIdle() == 1)
        }
    }

    @Test("a waiting job is cancelled at once and never runs")
    func cancelWaiting() async throws {
        try await withJobsHouse { house async throws in
            let id = try house.id(try await house.enqueue(NumberJob()))
            #expect(try await house.administration.cancel(id) == .done)
            #expect(try await house.administration.cancel(id) == .refused(.cancelled))
            #expect(try await house.worker([house.writing()]).workUntilIdle() == 0)
            #expect(try await house.administration.cancel(JobID(JobsHouse.owner)) == .unknown)
            #expect(try await house.administration.retry(id) == .done)
            #expect(try await house.worker([house.writing()]).workUntilIdle() == 1)
        }
    }

    @Test("a running job is cancelled by its worker's next look, and is not tried again")
    func cancelRunning() async throws {
        try await withJobsHouse { house async throws in
            let id = try house.id(try await house.enqueue(NumberJob()))
            let worker = try house.worker([.on(NumberJob.self) { _, _ in try await Task.sleep(for: .seconds(600)) }])
            try await worker.beat()
            #expect(try await worker.fill() == 1)
            #expect(try await house.administration.cancel(id) == .done)
            #expect(try await house.latest().isBeingCancelled)
            try await within { try await worker.workUntilIdle() }
            let record = try await house.latest()
            #expect(record.state == .cancelled)
            #expect(record.error == "it was cancelled while it ran")
            #expect(!record.isBeingCancelled)
        }
    }

    @Test("a job that is cancelled while its dead worker has it is not run by another one")
    func cancelOrphan() async throws {
        try await withJobsHouse { house async throws in
            let id = try house.id(try await house.enqueue(NumberJob()))
            let never = Latch()
            let dead = try house.worker([.on(NumberJob.self) { _, _ in await never.wait() }])
            try await dead.beat()
            #expect(try await dead.fill() == 1)
            #expect(try await house.administration.cancel(id) == .done)
            house.clock.advance(by: JobLeases.term)
            let other = try house.worker([house.writing()], owner: JobsHouse.otherOwner)
            #expect(try await other.workUntilIdle() == 0)
            #expect(try await house.latest().state == .cancelled)
            never.open()
        }
    }

    @Test("finished jobs are removed when their time is over: completed ones sooner; others never")
    func prune() async throws {
        try await withJobsHouse { house async throws in
            let retention = JobRetention(completed: .seconds(3_600), failed: .seconds(86_400))
            try await house.enqueue(1...2_500)
            let (worker, pruning) = (try house.worker([house.writing()]), house.pruning(retention))
            try await worker.workUntilIdle()
            #expect(try await house.administration.cancel(try house.id(try await house.enqueue(NumberJob()))) == .done)
            try await house.enqueue(NumberJob(), runAt: house.clock.now + .seconds(30 * 86_400))
            try await house.enqueue(OtherJob())
            house.clock.advance(by: .seconds(3_600))
            #expect(try await pruning.prune() == 0)
            house.clock.advance(by: .seconds(1))
            #expect(try await [pruning.prune(), pruning.prune(), pruning.prune()] == [1_000, 1_000, 500])
            #expect(try await house.counts() == ["available 1", "scheduled 1", "cancelled 1"])
            house.clock.advance(by: .seconds(86_400))
            #expect(try await pruning.prune() == 1)
            #expect(try await house.counts() == ["available 1", "scheduled 1"])
        }
    }

    @Test("a finished job whose key holds for longer stays as long")
    func pruneUnique() async throws {
        try await withJobsHouse { house async throws in
            let weekly = JobUniqueness.within(.seconds(7 * 86_400))
            let first = try house.id(try await house.enqueue(NumberJob(), unique: weekly))
            let worker = try house.worker([house.writing()])
            try await worker.workUntilIdle()
            house.clock.advance(by: .seconds(6 * 86_400))
            #expect(try await house.pruning().prune() == 0)
            #expect(try await house.enqueue(NumberJob(), unique: weekly) == .duplicate(of: first))
            house.clock.advance(by: .seconds(86_400))
            #expect(try await house.pruning().prune() == 1)
        }
    }

    @Test("pruning is a job itself, every hour; it forgets workers that are gone for a day")
    func pruningJob() async throws {
        try await withJobsHouse { house async throws in
            try await house.enqueue(1...1_200)
            let dead = try house.worker([house.writing()], owner: JobsHouse.otherOwner)
            try await dead.workUntilIdle()
            let worker = try house.worker([house.pruning().handler])
            let scheduler = try JobScheduler(
                database: house.database, schedules: [try JobPruning.schedule()], jobs: house.jobs, clock: house.clock,
                logger: .silent)
            #expect(try await scheduler.scheduleOnce() == 0)
            house.clock.advance(by: .seconds(2 * 86_400))
            #expect(try await scheduler.scheduleOnce() == 1)
            #expect(try await worker.workUntilIdle() == 1)
            #expect(try await house.counts() == ["completed 1"])
            #expect(try await house.latest().kind == "jobs.prune")
            let workers = try await house.database.read { transaction in
                try transaction.query("SELECT id FROM job_workers") { try $0.identifier(0) }
            }
            #expect(workers == [JobsHouse.owner])
        }
    }
}
