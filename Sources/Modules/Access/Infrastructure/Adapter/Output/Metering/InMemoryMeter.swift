import AccessApplication
import AccessContract
import AccessDomain
import Crypto
import Lifecycle
import SQL
import Shared
import Synchronization

/// Counts in memory, for one process: what it knows is right as long as it lives. A draw takes a lock for a moment and
/// waits for nothing, unless its subject was not seen yet or a rule is strict.
///
/// The journal writes what changed at least every 50 ms, so that a crash gives back no more than that. Seconds are
/// over before a process is back and are written for strict rules only. While it cannot write, what is decided says that
/// it is degraded, and after a set time nothing is decided: a crash would give back more and more. `services` must run:
/// without them strict draws, reservations and merges wait.
package final class InMemoryMeter: Meter {
    let memory: Mutex<CounterMemory>
    let journal: any CounterJournal
    let keys: SubjectKeys
    let clock: any WallClock
    let stopwatch: any MonotonicClock
    let logger: Logger
    /// How long draws go on while counts cannot be written.
    private let degradedMax: Duration
    /// When it was last logged that counts cannot be written, by the stopwatch.
    let failureTold = Mutex<Duration?>(nil)
    /// Signalled when somebody waits for the journal.
    let wakeup = Wakeup()
    let reservations = KeyedLock<String>()
    private let loads = KeyedLock<SubjectKey>()

    /// - Parameters:
    ///   - database: no other process counts in it.
    ///   - masterKey: under another one, anonymous counts begin anew.
    ///   - subjectsMax: how many people, tenants, devices and networks are kept in memory, at about 1.2 KB each; others
    ///     are read from the database when they come again.
    ///   - degradedMax: how long draws go on while counts cannot be written.
    package convenience init(
        database: any Database, masterKey: MasterKey, clock: any WallClock, logger: Logger,
        subjectsMax: Int = 50_000, degradedMax: Duration = .seconds(300)
    ) {
        let keys = SubjectKeys(masterKey)
        self.init(
            journal: SQLCounterJournal(database: database, keys: keys), keys: keys, clock: clock, logger: logger,
            subjectsMax: subjectsMax, degradedMax: degradedMax)
    }

    init(
        journal: any CounterJournal, keys: SubjectKeys, clock: any WallClock,
        stopwatch: any MonotonicClock = SystemMonotonicClock(), logger: Logger, subjectsMax: Int = 50_000,
        degradedMax: Duration = .seconds(300)
    ) {
        memory = Mutex(CounterMemory(subjectsMax: subjectsMax))
        self.journal = journal
        self.keys = keys
        self.clock = clock
        self.stopwatch = stopwatch
        self.logger = logger
        self.degradedMax = degradedMax
    }

    package func take(_ draw: Draw) async throws -> DrawOutcome { try await decide(draw, .take) }

    package var canRecallTake: Bool { true }

    package func recallTake(_ draw: Draw) -> DrawOutcome? {
        guard !draw.isStrict, case .decided(let outcome, wait: nil) = attempt(draw, .take) else { return nil }
        return outcome
    }

    package func peek(_ draw: Draw) async throws -> DrawOutcome { try await decide(draw, .peek) }

    package func usage(of subject: MeterSubject) async throws -> [MeteredUse] {
        let key = keys.key(of: subject)
        while true {
            let now = clock.now
            if let uses = memory.withLock({ $0.uses(of: key, at: now) }) { return uses }
            try await load(key, as: subject)
        }
    }

    package func reset(_ subject: MeterSubject) async throws {
        let key = keys.key(of: subject)
        try await load(key, as: subject)
        _ = try await change { $0.reset(key, at: $1) }
    }

    package func merge(_ merge: DeviceMerge) async throws {
        let (device, user) = (keys.key(of: .device(merge.device)), keys.key(of: .user(merge.user)))
        try await reservations.alone("merge \(merge.device) \(merge.user)") {
            if try await journal.isDone(merge) { return }
            _ = try await change { $0.merge(merge, device: device, user: user, at: $1) }
        }
    }

    /// Takes back what a draw has counted, but for bursts, and returns when that is written.
    ///
    /// - Parameter countedAt: in the windows of that time.
    package func giveBack(_ draw: Draw, countedAt: Timestamp) async throws {
        let parts = draw.parts(keys).filter { !draw.rules[$0.rule].isBurst }
        _ = try await change { memory, _ in memory.giveBack(draw.cost, parts.map(\.id), countedAt: countedAt) }
    }

    /// Returns when everything that was counted until now is written.
    ///
    /// - Throws: why it could not be.
    package func flush() async throws {
        let ticket: JournalTicket? = memory.withLock { memory in
            if memory.isClosed { return nil }
            memory.isWanted = true
            return memory.ticket
        }
        wakeup.signal()
        try await ticket?.written()
    }

    private func decide(_ draw: Draw, _ kind: CounterMemory.DrawKind) async throws -> DrawOutcome {
        let drawn = attempt(draw, kind)
        if case .decided(let outcome, wait: nil) = drawn { return outcome }
        return try await settled(drawn, draw, kind).outcome
    }

    /// Never waits.
    func attempt(_ draw: Draw, _ kind: CounterMemory.DrawKind) -> CounterMemory.Drawn {
        let now = clock.now
        let (drawn, wakes) = memory.withLock { memory in
            if let since = memory.unwrittenSince { return drawUnwritten(draw, kind, in: &memory, since, at: now) }
            return (memory.draw(draw, kind, keys: keys, at: now), memory.takesWaking())
        }
        if wakes { wakeup.signal() }
        return drawn
    }

    /// While counts cannot be written.
    private func drawUnwritten(
        _ draw: Draw, _ kind: CounterMemory.DrawKind, in memory: inout CounterMemory, _ since: Duration,
        at now: Timestamp
    ) -> (CounterMemory.Drawn, Bool) {
        guard stopwatch.elapsed - since < degradedMax else { return (.stalled, false) }
        let drawn = memory.draw(draw, kind, keys: keys, at: now)
        return (drawn.degraded, memory.takesWaking())
    }

    /// Loads who is unknown and draws again, and waits for what must be durable.
    func settled(
        _ first: CounterMemory.Drawn, _ draw: Draw, _ kind: CounterMemory.DrawKind
    ) async throws -> CounterMemory.Decided {
        var drawn = first
        while true {
            switch drawn {
            case .unknown(let subject):
                try await load(keys.key(of: subject), as: subject)
                drawn = attempt(draw, kind)
            case .decided(let outcome, let ticket):
                if let ticket { try await written(ticket) }
                return .decided(outcome)
            case .reserved(let reservation, let outcome, let ticket):
                try await written(ticket)
                return .reserved(reservation, outcome)
            case .closed: throw Self.closed
            case .stalled: throw Self.stalled
            }
        }
    }

    private func written(_ ticket: JournalTicket) async throws {
        wakeup.signal()
        try await ticket.written()
    }

    /// Changes counters of subjects that are loaded first, and waits until that is written.
    func change(
        _ body: (inout CounterMemory, Timestamp) -> CounterMemory.Changed
    ) async throws -> CounterMemory.Changed {
        while true {
            let now = clock.now
            let changed = memory.withLock { body(&$0, now) }
            switch changed {
            case .unknown(let key): try await load(key, as: key.subject)
            case .written(let ticket):
                try await written(ticket)
                return changed
            case .nothing, .refused: return changed
            case .closed: throw Self.closed
            }
        }
    }

    /// One at a time for each subject: a second one could bring what was true before the first one's draws.
    private func load(_ key: SubjectKey, as subject: MeterSubject?) async throws {
        try await loads.alone(key) {
            if memory.withLock({ $0.recognize(key, as: subject) }) { return }
            let now = clock.now
            let records = try await journal.counters(of: key, at: now)
            if memory.withLock({ $0.install(key, subject, records, at: now) }) { return }
            try await flush()
            guard memory.withLock({ $0.install(key, subject, records, at: now) }) else { throw Self.full }
        }
    }

    private static let full = Unavailable("quota", reason: "too many different callers at once")
    private static let stalled = Unavailable("quota", reason: "counts cannot be written")
    private static let closed = Unavailable("quota", reason: "the meter is shutting down")
}
