import AccessApplication
import Shared
import Synchronization

/// Tells this process's memory what became stale: what it changed itself right after the commit, what others changed
/// when it is read.
final class AccessChanges: Sendable {
    /// Forgets what is stale. What it throws leaves the process without knowledge of now.
    typealias Listener = @Sendable (_ changes: [AccessChange]) async throws -> Void

    private struct State {
        var listeners: [Listener] = []
        /// The rows of the last read, and of what this process wrote since: each is read several times and told once.
        var told: Set<Int> = []
        var written: Set<Int> = []
        var lastRead: Timestamp?
    }

    private let state = Mutex(State())
    private let recency = Recency(patience: AccessChanges.patience)

    /// Without a successful read for so long this process does not know.
    static let patience: Duration = .seconds(2)

    func onChange(_ listener: @escaping Listener) { state.withLock { $0.listeners.append(listener) } }

    /// Whether reads come in time.
    func isCurrent(at now: Timestamp) -> Bool { recency.isCurrent(at: now) }

    var lastRead: Timestamp? { state.withLock { $0.lastRead } }

    /// What this process just committed, but for counts, which were put back by who tells of it. The caller's work is done, so nothing is thrown: if memory cannot follow, the
    /// process does not know any more, and asks the store.
    func committed(_ changes: [NumberedChange]) async {
        guard !changes.isEmpty else { return }
        let listeners = state.withLock { state in
            state.written.formUnion(changes.map(\.number))
            return state.listeners
        }
        do {
            try await Self.tell(changes.map(\.change).filter { !$0.isUsage }, listeners)
        } catch {
            // The next read tells it again.
            state.withLock { $0.written.subtract(changes.map(\.number)) }
            recency.forget()
        }
    }

    /// What one read found. It looks back at least as far as the one before it, but for rows that are too old to come
    /// again.
    ///
    /// - Parameter now: when the read began.
    func noteRead(_ rows: [NumberedChange], at now: Timestamp) async throws {
        let numbers = Set(rows.map(\.number))
        let (listeners, new) = state.withLock { state in
            // Nothing is remembered before the first read, so there is nothing to forget.
            let new = state.lastRead == nil ? [] : rows.filter { !state.told.contains($0.number) }
            return (state.listeners, new.filter { !state.written.contains($0.number) })
        }
        try await Self.tell(new.map(\.change), listeners)
        state.withLock { state in
            state.told = numbers
            // A row that is too old to be read was written long ago.
            state.written = state.written.filter { $0 > (numbers.max() ?? 0) - 10_000 && !numbers.contains($0) }
            state.lastRead = now
        }
        recency.note(now)
    }

    private static func tell(_ changes: [AccessChange], _ listeners: [Listener]) async throws {
        guard !changes.isEmpty else { return }
        for listener in listeners { try await listener(changes) }
    }
}

extension AccessChange {
    fileprivate var isUsage: Bool { if case .usage = self { true } else { false } }
}
