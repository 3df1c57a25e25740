import Lifecycle
import Messaging
import SQL
import Shared
import Synchronization

/// Something that happened, for measuring.
private struct ProbeHappened: DomainEvent {
    static let type = "probe.happened"
    static let source = "/gapura/probe"
    static let isPublic = false
    let thing: Identifier
    let number: Int

    var subject: Identifier { thing }
}

/// Measures events from their commit to a consumer that notes each in its inbox.
struct EventProbe {
    let database: any Database

    init(_ database: any Database) { self.database = database }

    private static let batchSize = 100
    private static let consumer = "probe"

    /// How fast a full outbox is worked off.
    func run(count: Int) async throws {
        let (clock, wakeup, done) = (SystemWallClock(), Wakeup(), DoneCount(of: count))
        let identifiers = TimeOrderedIdentifierSource(clock: clock)
        let outbox = Outbox(identifiers: identifiers, clock: clock)
        let subjects = (0..<1_000).map { _ in identifiers.next() }
        for start in stride(from: 0, to: count, by: Self.batchSize) {
            try await database.write { transaction in
                for number in start..<min(start + Self.batchSize, count) {
                    let event = ProbeHappened(thing: subjects[number % subjects.count], number: number)
                    try outbox.append(event, in: transaction)
                }
            }
        }
        let stopwatch = ContinuousClock()
        let begun = stopwatch.now
        try await deliver(wakeup) { _ in
            done.add()
        } while: {
            await done.all.wait()
            Report.write(["count": Double(count), "seconds": (stopwatch.now - begun).inSeconds])
        }
    }

    /// How long a single event takes, one after the other.
    func measureLatency(count: Int) async throws {
        let (clock, wakeup) = (SystemWallClock(), Wakeup())
        let identifiers = TimeOrderedIdentifierSource(clock: clock)
        let outbox = Outbox(identifiers: identifiers, clock: clock)
        let arrived = Mutex<[Int: Latch]>([:])
        let stopwatch = ContinuousClock()
        try await deliver(wakeup) { number in
            arrived.withLock { $0[number] }?.open()
        } while: {
            var latencies: [Double] = []
            for number in 0..<count {
                let latch = Latch()
                arrived.withLock { $0[number] = latch }
                let thing = identifiers.next()
                try await database.write { transaction in
                    try outbox.append(ProbeHappened(thing: thing, number: number), in: transaction)
                }
                let committed = stopwatch.now
                wakeup.signal()
                await latch.wait()
                latencies.append((stopwatch.now - committed).inSeconds)
            }
            latencies.sort()
            Report.write([
                "count": Double(count), "p50": latencies[count / 2], "p99": latencies[min(count * 99 / 100, count - 1)],
            ])
        }
    }

    /// Runs a relay with one consumer meanwhile.
    ///
    /// - Parameter arrived: gets the number of each event, once its effect is committed.
    private func deliver(
        _ wakeup: Wakeup, arrived: @escaping @Sendable (Int) -> Void,
        while body: @Sendable () async throws -> Void
    ) async throws {
        let clock = SystemWallClock()
        let subscription = Subscription.on(ProbeHappened.self, consumer: Self.consumer) { [database] event, envelope in
            let now = clock.now
            let isFirst = try await database.write { transaction in
                try Inbox.accept(envelope.id, by: Self.consumer, at: now, in: transaction)
            }
            if isFirst { arrived(event.number) }
        }
        let relay = OutboxRelay(
            database: database, owner: TimeOrderedIdentifierSource(clock: clock).next(),
            groups: ConsumerGroup.groups(of: [subscription]), wakeup: wakeup, clock: clock, logger: .silent)
        let lifecycle = ServiceLifecycle()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in relay.services { group.addTask { try await service.run(lifecycle) } }
            try await body()
            lifecycle.requestShutdown(deadline: .now + .seconds(10))
            try await group.waitForAll()
        }
    }
}
