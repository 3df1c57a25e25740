import Lifecycle
import SQL
import Shared
import Synchronization

/// Does the jobs of this process's handlers: several at once, also beside workers of other processes.
package final class JobWorker: Sendable {
    private let leases: JobLeases
    private let upkeep: JobUpkeep
    private let runners: [QueueRunner]
    private let execution: JobExecution
    private let running = RunningJobs()
    private let results: ResultBuffer
    private let signals: JobSignals
    private let clock: any WallClock
    private let leaseClock: any WallClock
    private let stopwatch: any MonotonicClock
    private let startedAt: Timestamp
    private let unknownSince = Mutex<[RunningJobs.Key: Duration]>([:])
    private let timeToGiveBack: Duration
    let logger: Logger

    /// - Parameters:
    ///   - owner: this process among others on the same database; another one at each start.
    ///   - handlers: one for each kind; other kinds are left alone.
    ///   - queues: other than the usual settings for queues of these handlers, and queues that only older programs
    ///     filled.
    ///   - clock: what is due by.
    ///   - leaseClock: what workers are taken for dead by, if the other one can jump.
    ///   - stopwatch: what time-outs are measured by.
    ///   - timeToGiveBack: so long before the deadline of its end running jobs are cancelled, and their results written.
    /// - Throws: `InternalFailure` if two handlers have one kind, or two of the queues one name.
    package init(
        database: any Database, owner: Identifier, handlers: [JobHandler], queues: [JobQueue] = [],
        clock: any WallClock, leaseClock: (any WallClock)? = nil,
        stopwatch: any MonotonicClock = SystemMonotonicClock(), signals: JobSignals = JobSignals(),
        retention: JobRetention = JobRetention(), timeToGiveBack: Duration = .seconds(2), logger: Logger
    ) throws {
        let byKind = Dictionary(grouping: handlers, by: \.kind)
        let settings = Dictionary(grouping: queues, by: \.name)
        if let kind = byKind.first(where: { $0.value.count > 1 })?.key {
            throw InternalFailure("two handlers are given for jobs of kind \(kind)")
        }
        if let name = settings.first(where: { $0.value.count > 1 })?.key {
            throw InternalFailure("the queue \(name) is given twice")
        }
        let kinds = byKind.keys.sorted()
        leases = JobLeases(database: database, worker: owner, kinds: kinds)
        upkeep = JobUpkeep(database: database)
        results = ResultBuffer(JobResults(database: database), logger: logger)
        let execution = JobExecution(
            byKind.compactMapValues(\.first), running: running, results: results, clock: clock, stopwatch: stopwatch,
            logger: logger)
        self.execution = execution
        let claims = JobClaims(database: database, worker: owner, kinds: kinds)
        let names = kinds.isEmpty ? [] : Set(handlers.map(\.queue)).union(settings.keys).sorted()
        runners = names.map { name in
            QueueRunner(
                settings[name]?.first ?? JobQueue(name), claims: claims, execution: execution,
                wakeup: signals.wakeup(of: name))
        }
        self.signals = signals
        self.clock = clock
        self.leaseClock = leaseClock ?? clock
        self.stopwatch = stopwatch
        self.timeToGiveBack = timeToGiveBack
        self.logger = logger
        startedAt = clock.now
    }

    /// Says that this worker lives, takes the jobs of dead ones over, ends those that somebody cancelled, and gives back
    /// those that it has without knowing, because the answer to its claim was lost.
    ///
    /// - Returns: how many jobs were taken over.
    @discardableResult
    package func beat() async throws -> Int {
        try await leases.renew(startedAt: startedAt, at: leaseClock.now)
        let claimed = try await leases.claimed()
        let cancelled = Set(claimed.filter(\.value).keys)
        if !cancelled.isEmpty { running.interrupt(cancelled, by: .cancelled) }
        releaseUnknown(of: Set(claimed.keys))
        return try await leases.takeOver(at: clock.now, leaseTime: leaseClock.now) { [execution] kind, attempt in
            execution.delay(kind, attempt: attempt)
        }
    }

    /// A claim that is under way is unknown for a moment, so only what stays unknown for as long as a lease counts.
    private func releaseUnknown(of claimed: Set<RunningJobs.Key>) {
        let known = runners.reduce(into: running.keys.union(results.keys)) { $0.formUnion($1.waiting) }
        let (unknown, now) = (claimed.subtracting(known), stopwatch.elapsed)
        let released = unknownSince.withLock { since in
            since = since.filter { unknown.contains($0.key) }
            for key in unknown where since[key] == nil { since[key] = now }
            let released = since.filter { now - $0.value >= JobLeases.term }.map(\.key)
            for key in released { since[key] = nil }
            return released
        }
        for key in released {
            let ended = EndedJob(number: key.number, fence: key.fence, result: .released)
            results.add(ResultBuffer.Entry(job: ended, kind: "", mayBeWritten: true))
        }
    }

    /// One batch of jobs whose time has come becomes available.
    ///
    /// - Returns: how many.
    package func promote() async throws -> Int {
        let queues = try await upkeep.promote(at: clock.now)
        for queue in Set(queues) { signals.signal(queue) }
        return queues.count
    }

    /// Ends what runs too long.
    package func endOverdue() { execution.endOverdue() }

    /// Starts what there is room for, without waiting for its end.
    ///
    /// - Returns: how many jobs were claimed.
    package func fill() async throws -> Int {
        var count = 0
        for runner in runners { count += try await fill(runner) }
        return count
    }

    /// Writes one batch of results.
    package func flush() async throws -> Int { try await results.flush(at: clock.now) }

    /// What the runs of this process came to.
    package var runCounts: JobRunCounts { execution.counts }

    /// How many jobs run in this process.
    package var runningCount: Int { running.count }

    /// Does everything that is due, also what becomes due by it, and returns when nothing is left for this worker: for
    /// programs that move the clock.
    ///
    /// - Returns: how many jobs were claimed.
    @discardableResult
    package func workUntilIdle() async throws -> Int {
        var (count, isBusy) = (0, true)
        try await beat()
        while isBusy {
            let promoted = try await promote()
            let claimed = try await fill()
            await running.idle().wait()
            while try await flush() > 0 {}
            count += claimed
            isBusy = promoted + claimed > 0
        }
        return count
    }

    private func fill(_ runner: QueueRunner) async throws -> Int {
        try await runner.fill(at: clock.now, leaseTime: leaseClock.now, elapsed: stopwatch.elapsed)
    }
}

extension JobWorker: Service {
    package var name: String { "jobs" }

    package func run(_ lifecycle: ServiceLifecycle) async throws {
        let (claiming, upkeep) = (ServiceLifecycle(), ServiceLifecycle())
        // Without a lease nothing can be claimed; if there is no database now, the loops go on trying.
        _ = try? await beat()
        await withTaskGroup(of: Void.self) { group in
            for service in upkeepServices { group.addTask { try? await service.run(upkeep) } }
            await withTaskGroup(of: Void.self) { claims in
                for service in claimServices { claims.addTask { try? await service.run(claiming) } }
                lifecycle.started()
                await lifecycle.shutdownRequested()
                claiming.requestShutdown(deadline: lifecycle.deadline ?? .now)
            }
            await endRuns(by: lifecycle.deadline ?? .now)
            upkeep.requestShutdown(deadline: lifecycle.deadline ?? .now)
        }
        do {
            while try await flush() > 0 {}
            // Whatever still runs is somebody else's when the lease is over.
            if running.count == 0 { try await leases.end() }
        } catch {
            logger.warning("jobs of this process wait for the end of its lease", ["cause": .text("\(error)")])
        }
    }

    private var claimServices: [any Service] {
        runners.map { runner in
            PollingService("jobs of the queue \(runner.queue.name)", wakeup: runner.wakeup, logger: logger) {
                try await self.fill(runner)
            }
        }
    }

    private var upkeepServices: [any Service] {
        [
            PollingService("leases of jobs", interval: JobLeases.interval, logger: logger) {
                try await self.beat() > 0 ? try await self.promote() : 0
            },
            PollingService("due jobs", logger: logger) { try await self.promote() },
            PollingService("overdue jobs", logger: logger) {
                self.endOverdue()
                return 0
            },
            PollingService(
                "results of jobs", wakeup: results.wakeup, pause: .milliseconds(5),
                batchSize: ResultBuffer.batchSize, logger: logger
            ) { try await self.flush() },
        ]
    }

    /// Gives back what has not started, waits for what has, and cancels the rest.
    private func endRuns(by deadline: ContinuousClock.Instant) async {
        for job in runners.flatMap({ $0.release() }) {
            let ended = EndedJob(number: job.number, fence: job.fence, result: .released)
            results.add(ResultBuffer.Entry(job: ended, kind: job.kind, mayBeWritten: false))
        }
        await idle(by: deadline - timeToGiveBack)
        running.interrupt(by: .shutdown)
        await idle(by: deadline - timeToGiveBack / 2)
    }

    private func idle(by deadline: ContinuousClock.Instant) async {
        let idle = running.idle()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await idle.wait() }
            group.addTask { try? await Task.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }
}
