import Cron
import SQL
import Shared
import TestSupport
import Testing

@testable import Jobs

@Suite("Schedules of jobs")
struct SchedulerTests {
    private func scheduler(_ house: JobsHouse, _ schedules: JobSchedule...) throws -> JobScheduler {
        try JobScheduler(
            database: house.database, schedules: schedules, jobs: house.jobs, clock: house.clock, logger: .silent)
    }

    private func minutely(_ missed: JobSchedule.Missed = .runOnce) throws -> JobSchedule {
        try JobSchedule("minutely", "* * * * *", missed: missed) { NumberJob(value: Int($0.seconds / 60)) }
    }

    private func ticks(_ house: JobsHouse) async throws -> [Timestamp] {
        try await house.database.read { transaction in
            try transaction.query("SELECT tick FROM jobs WHERE schedule IS NOT NULL ORDER BY tick") {
                try $0.timestamp(0)
            }
        }
    }

    @Test("a schedule that is new begins now, and makes a job at each tick")
    func begins() async throws {
        try await withJobsHouse { house async throws in
            house.clock.set(to: Timestamp(seconds: 1_790_000_010))
            let scheduler = try scheduler(house, try minutely())
            #expect(try await scheduler.scheduleOnce() == 0)
            house.clock.advance(by: .milliseconds(29_999))
            #expect(try await scheduler.scheduleOnce() == 0)
            house.clock.advance(by: .milliseconds(1))
            #expect(try await scheduler.scheduleOnce() == 1)
            #expect(try await scheduler.scheduleOnce() == 0)
            #expect(try await ticks(house) == [Timestamp(seconds: 1_790_000_040)])
            let record = try await house.latest()
            #expect(record.schedule == "minutely")
            #expect(record.tick == Timestamp(seconds: 1_790_000_040))
            let seen = Recorder<Timestamp?>()
            try await house.worker([.on(NumberJob.self) { _, run in seen.add(run.tick) }]).workUntilIdle()
            #expect(seen.all == [Timestamp(seconds: 1_790_000_040)])
        }
    }

    @Test("three schedulers side by side, 1,000 ticks: 1,000 jobs, and 1,000 runs on two workers")
    func once() async throws {
        try await withJobsHouse { house async throws in
            let schedulers = try (0..<3).map { _ in try scheduler(house, try minutely()) }
            for scheduler in schedulers { _ = try await scheduler.scheduleOnce() }
            for _ in 0..<1_000 {
                house.clock.advance(by: .seconds(60))
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for scheduler in schedulers { group.addTask { try await scheduler.scheduleOnce() } }
                    var count = 0
                    for try await made in group { count += made }
                    #expect(count == 1)
                }
            }
            let workers = try [JobsHouse.owner, JobsHouse.otherOwner].map { owner in
                try house.worker([house.writing()], owner: owner)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in workers { group.addTask { try await worker.workUntilIdle() } }
                try await group.waitForAll()
            }
            #expect(try await ticks(house).count == 1_000)
            #expect(Set(try await house.effects()).count == 1_000)
            #expect(try await house.effects().count == 1_000)
        }
    }

    @Test("ticks that nobody was there for: the last one is made up for, or none, by rule")
    func missed() async throws {
        try await withJobsHouse { house async throws in
            let daily = try JobSchedule("daily", "0 3 * * *", missed: .runOnce) { _ in NumberJob(value: 1) }
            let skipping = try JobSchedule("skipping", "0 3 * * *", missed: .skip) { _ in NumberJob(value: 2) }
            let start = try #require(Timestamp(text: "2026-11-01T12:00:00Z"))
            house.clock.set(to: start)
            let first = try scheduler(house, daily, skipping)
            _ = try await first.scheduleOnce()
            house.clock.set(to: start + .seconds(30 * 86_400))
            // Another process, after a month of silence.
            let second = try scheduler(house, daily, skipping)
            #expect(try await second.scheduleOnce() == 1)
            #expect(try await first.scheduleOnce() == 0)
            #expect(try await house.latest().schedule == "daily")
            #expect(try await house.latest().tick?.description == "2026-12-01T03:00:00.000Z")
            house.clock.set(to: try #require(Timestamp(text: "2026-12-02T03:00:59Z")))
            #expect(try await second.scheduleOnce() == 2)
        }
    }

    @Test("a pruned job is not made again, and a clock that went back makes none twice")
    func neverTwice() async throws {
        try await withJobsHouse { house async throws in
            let scheduler = try scheduler(house, try minutely())
            _ = try await scheduler.scheduleOnce()
            house.clock.advance(by: .seconds(60))
            #expect(try await scheduler.scheduleOnce() == 1)
            try await house.database.write { try $0.execute("DELETE FROM jobs") }
            let other = try self.scheduler(house, try minutely())
            #expect(try await other.scheduleOnce() == 0)
            house.clock.set(to: house.clock.now - .seconds(3_600))
            #expect(try await scheduler.scheduleOnce() == 0)
            house.clock.advance(by: .seconds(3_600))
            #expect(try await scheduler.scheduleOnce() == 0)
            house.clock.advance(by: .seconds(60))
            #expect(try await scheduler.scheduleOnce() == 1)
        }
    }

    @Test("a schedule goes by the clock of its zone")
    func zone() async throws {
        try await withJobsHouse { house async throws in
            house.clock.set(to: try #require(Timestamp(text: "2026-03-28T12:00:00Z")))
            let scheduler = try scheduler(
                house,
                try JobSchedule("berlin", "30 2 * * *", in: "Europe/Berlin") { _ in NumberJob() })
            for _ in 0..<48 {
                _ = try await scheduler.scheduleOnce()
                house.clock.advance(by: .seconds(1_800))
            }
            _ = try await scheduler.scheduleOnce()
            // 02:30 is left out on the 29th.
            #expect(try await ticks(house).map(\.description) == ["2026-03-29T01:00:00.000Z"])
        }
    }

    @Test("a wrong expression, an unknown zone, or two schedules of one name are found at the start")
    func wrong() async throws {
        #expect(throws: CronError.self) { try JobSchedule("wrong", "61 * * * *") { _ in NumberJob() } }
        #expect(throws: TimeZoneError.unknown("Mars/Olympus")) {
            try JobSchedule("wrong", "* * * * *", in: "Mars/Olympus") { _ in NumberJob() }
        }
        try await withJobsHouse { house async throws in
            #expect(throws: InternalFailure.self) { try scheduler(house, try minutely(), try minutely()) }
        }
    }
}
