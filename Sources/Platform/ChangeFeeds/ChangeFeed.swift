import Lifecycle
import Retention
import SQL
import Shared
import Synchronization

/// Keeps the memory of this process as good as the store: listeners hear what the process changed itself right after
/// the commit, and what others changed when the feed reads it. A row is read several times, because rows do not become
/// visible in the order of their times, and told once.
package final class ChangeFeed<Change: Sendable>: Sendable {
    /// Forgets or takes over what changed. What it throws leaves the process without knowledge of the present.
    package typealias Listener = @Sendable (_ changes: [Change]) async throws -> Void

    private struct State {
        var listeners: [Listener] = []
        /// The rows of the last read, and those that this process wrote since.
        var told: Set<Int> = []
        var written: Set<Int> = []
        var lastRead: Timestamp?

        mutating func noteRead(_ numbers: Set<Int>, at now: Timestamp) {
            told = numbers
            written = written.filter { $0 > (numbers.max() ?? 0) - writtenSpan && !numbers.contains($0) }
            lastRead = now
        }
    }

    private let name: String
    private let database: any Database
    private let source: any ChangeSource<Change>
    private let interval: Duration
    private let clock: any WallClock
    private let logger: Logger
    private let state = Mutex(State())
    private let recency = Recency(patience: .seconds(2))
    /// Of the other processes.
    private let signals: (any ProcessSignals)?
    /// Signalled, it reads at once.
    package let wakeup = Wakeup()

    /// How far each read looks back: longer than any transaction takes to commit.
    private static var overlap: Duration { .seconds(10) }
    /// A row that this process wrote, so many numbers ago, is not read again.
    private static var writtenSpan: Int { 10_000 }

    /// - Parameters:
    ///   - name: of its services, in the log.
    ///   - interval: between two reads.
    ///   - signals: tells other processes of what this one has committed, so that they read at once.
    package init(
        _ name: String, database: any Database, source: any ChangeSource<Change>, interval: Duration,
        clock: any WallClock, signals: (any ProcessSignals)? = nil, logger: Logger
    ) {
        self.name = name
        self.database = database
        self.source = source
        self.interval = interval
        self.clock = clock
        self.signals = signals
        self.logger = logger
        signals?.listen(to: name) { [wakeup] in wakeup.signal() }
    }

    package var services: [any Service] {
        [
            PollingService(name, wakeup: wakeup, interval: interval, logger: logger) { [self] in
                try await read()
                return 0
            }
        ]
    }

    package var prunes: [Prune] {
        guard let retention = source.retention else { return [] }
        return [
            Prune(name, retention: retention) { [database, source] horizon, limit in
                guard let removal = source.removal(before: horizon, limit: limit) else { return 0 }
                return try await database.write { try $0.execute(removal) }
            }
        ]
    }

    /// Listeners hear in the order in which they were added.
    package func onChange(_ listener: @escaping Listener) { state.withLock { $0.listeners.append(listener) } }

    /// Whether reads come in time: a process without a successful one for two seconds does not know.
    package func isCurrent(at now: Timestamp) -> Bool { recency.isCurrent(at: now) }

    /// What this process just committed. The work is done, so nothing is thrown: if memory cannot follow, the process
    /// is not current until the next read has told it again.
    ///
    /// - Parameter isFollowed: what whoever made the change has brought into memory already; it is not told.
    package func committed(
        _ changes: [NumberedChange<Change>], except isFollowed: (Change) -> Bool = { _ in false }
    ) async {
        guard !changes.isEmpty else { return }
        signals?.announce(name)
        let listeners = state.withLock { state in
            state.written.formUnion(changes.map(\.number))
            return state.listeners
        }
        do {
            try await Self.tell(changes.map(\.change).filter { !isFollowed($0) }, listeners)
        } catch {
            state.withLock { $0.written.subtract(changes.map(\.number)) }
            recency.forget()
        }
    }

    /// Reads once.
    ///
    /// - Throws: failures of the database and of listeners; what was read is told again then.
    package func read() async throws {
        let now = clock.now
        let last = state.withLock { $0.lastRead }
        let since = (last ?? (source.startsEmpty ? now : nil)).map { $0 - Self.overlap }
        let rows = try await database.read { [source] in try source.changes(since: since, at: now, in: $0) }
        let isUntold = last == nil && source.startsEmpty
        let (listeners, new) = state.withLock { state in
            (
                state.listeners,
                isUntold ? [] : rows.filter { !state.told.contains($0.number) && !state.written.contains($0.number) }
            )
        }
        try await Self.tell(missed(between: last, and: now) + new.map(\.change), listeners)
        state.withLock { $0.noteRead(Set(rows.map(\.number)), at: now) }
        // Listeners have forgotten what is stale before this process counts as one that knows.
        recency.note(now)
    }

    private func missed(between last: Timestamp?, and now: Timestamp) -> [Change] {
        guard let last, let retention = source.retention, now - last > retention / 2 else { return [] }
        return source.afterGap
    }

    private static func tell(_ changes: [Change], _ listeners: [Listener]) async throws {
        guard !changes.isEmpty else { return }
        for listener in listeners { try await listener(changes) }
    }
}
