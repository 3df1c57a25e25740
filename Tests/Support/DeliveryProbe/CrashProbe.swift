import Jobs
import Lifecycle
import Messaging
import SQL
import Shared
import Synchronization

/// What three groups hear of: one takes it, one fails at first, one refuses every other.
private struct CrashEvent: DomainEvent {
    static let type = "probe.crashed"
    static let source = "/gapura/probe"
    static let isPublic = false
    let thing: Identifier
    let run: Int
    let value: Int

    var subject: Identifier { thing }
}

private struct CrashJob: Job {
    enum Way: String, Codable {
        /// Completes in the transaction of its effect.
        case effect
        /// The same, with an event.
        case publishes
        /// Fails at first.
        case fails
        /// Is put off at first.
        case postponed
        /// Has no effect, and is done when it returns.
        case done
    }

    static let kind = "probe.crash"
    static let queue = "crash"
    static let retries = RetryPolicy(attemptsMax: 1_000, first: .milliseconds(10), longest: .milliseconds(20))

    let run: Int
    let value: Int
    let way: Way
}

/// One of a row of processes, each of which makes some work, does what there is, that of killed ones too, and may be
/// killed at a step of it; see `CrashPlan`. Its clock is an hour after that of the one before, so leases are over.
///
/// What every effect is has a number of its own in `probe_effects`: ten times the value, and who made it.
struct CrashProbe {
    let database: any Database

    init(_ database: any Database) { self.database = database }

    private static let start = Timestamp(seconds: 1_767_225_600)
    private static let valuesEach = 4
    private static let patience: Duration = .seconds(60)

    /// - Parameter run: from 1, without a gap; nothing new is made in the last one, whose number is negative.
    func run(_ run: Int) async throws {
        let clock = OffsetClock(by: Self.start + .seconds(3_600 * abs(run)) - SystemWallClock().now)
        let identifiers = TimeOrderedIdentifierSource(clock: SystemWallClock())
        let outbox = Outbox(identifiers: identifiers, clock: clock)
        if run > 0 { try await makeWork(run, outbox, Jobs(identifiers: identifiers, clock: clock), identifiers) }
        let plan = CrashPlan()
        let relay = OutboxRelay(
            database: CrashingDatabase(base: database, user: "relay", plan: plan), owner: identifiers.next(),
            groups: ConsumerGroup.groups(of: subscriptions(run, clock, plan)), wakeup: Wakeup(), clock: clock,
            policy: RetryPolicy(attemptsMax: 3, first: .milliseconds(10), longest: .milliseconds(20)),
            logger: .silent)
        let worker = try JobWorker(
            database: CrashingDatabase(base: database, user: "worker", plan: plan), owner: identifiers.next(),
            handlers: [handler(run, outbox, identifiers, clock, plan)], clock: clock, logger: .silent)
        let deadline = ContinuousClock.now + Self.patience
        repeat {
            _ = try await relay.relayOnce()
            _ = try await relay.retryOnce()
            try await worker.workUntilIdle()
            guard ContinuousClock.now < deadline else { throw InternalFailure("some work is never done") }
        } while try await isAnyLeft()
        for step in plan.steps { Report.write(step) }
    }

    private func makeWork(
        _ run: Int, _ outbox: Outbox, _ jobs: Jobs, _ identifiers: any IdentifierSource
    ) async throws {
        let things = [identifiers.next(), identifiers.next()]
        try await database.write { transaction in
            for number in 0..<Self.valuesEach {
                let event = CrashEvent(thing: things[number % things.count], run: run, value: run * 100 + number)
                try outbox.append(event, in: transaction)
            }
            for (number, way) in [CrashJob.Way.effect, .publishes, .fails, .postponed, .done].enumerated() {
                try jobs.enqueue(CrashJob(run: run, value: run * 100 + 10 + number, way: way), in: transaction)
            }
        }
    }

    // MARK: Events

    private func subscriptions(_ run: Int, _ clock: any WallClock, _ plan: CrashPlan) -> [Subscription] {
        let tried = Mutex<Set<Int>>([])
        return [
            subscription("taking", 1, clock, plan) { _ in },
            subscription("failing", 2, clock, plan) { event in
                guard event.run == run, tried.withLock({ $0.insert(event.value).inserted }) else { return }
                throw InternalFailure("not at first")
            },
            subscription("refusing", 3, clock, plan) { event in
                if event.value % 2 == 1 { throw InternalFailure("never") }
            },
        ]
    }

    private func subscription(
        _ consumer: String, _ digit: Int, _ clock: any WallClock, _ plan: CrashPlan,
        _ judge: @escaping @Sendable (CrashEvent) throws -> Void
    ) -> Subscription {
        let database = CrashingDatabase(base: database, user: consumer, plan: plan)
        return .on(CrashEvent.self, consumer: consumer) { event, envelope in
            try judge(event)
            let now = clock.now
            try await database.write { transaction in
                guard try Inbox.accept(envelope.id, by: consumer, at: now, in: transaction) else { return }
                try Self.note(event.value * 10 + digit, in: transaction)
            }
        }
    }

    private static func note(_ value: Int, in transaction: any SQLTransaction) throws {
        try transaction.submit("INSERT INTO probe_effects (value) VALUES (\(value))")
    }

    // MARK: Jobs

    private func handler(
        _ run: Int, _ outbox: Outbox, _ identifiers: any IdentifierSource, _ clock: any WallClock, _ plan: CrashPlan
    ) -> JobHandler {
        let database = CrashingDatabase(base: database, user: "job", plan: plan)
        let tried = Mutex<Set<Int>>([])
        return .deciding(CrashJob.self) { job, jobRun in
            let isFirst = job.run == run && tried.withLock { $0.insert(job.value).inserted }
            switch job.way {
            case .done: return .done
            case .fails where isFirst: throw InternalFailure("not at first")
            case .postponed where isFirst: return .postponed(until: clock.now)
            case .effect, .publishes, .fails, .postponed: break
            }
            let thing = identifiers.next()
            try await database.write { transaction in
                try Self.note(job.value * 10, in: transaction)
                if job.way == .publishes {
                    try outbox.append(CrashEvent(thing: thing, run: 0, value: job.value), in: transaction)
                }
                try jobRun.complete(in: transaction)
            }
            return .done
        }
    }

    private func isAnyLeft() async throws -> Bool {
        try await database.read { transaction in
            try transaction.first(
                """
                SELECT 1 WHERE EXISTS (SELECT 1 FROM outbox_events) OR EXISTS (SELECT 1 FROM parked_events)
                    OR EXISTS (SELECT 1 FROM jobs WHERE state IN ('available', 'scheduled', 'running', 'retryable'))
                """
            ) { try $0.integer(0) } != nil
        }
    }
}

/// The system's clock at another time.
private struct OffsetClock: WallClock {
    private let offset: Duration

    init(by offset: Duration) { self.offset = offset }

    var now: Timestamp { SystemWallClock().now + offset }
}
