import Shared
import Synchronization
import Threads

/// A unit of work that waits for a connection's thread. For drivers.
package struct Work: Sendable {
    fileprivate let ticket: Int
    /// Whether it was given to `Database.read`.
    package let isReadOnly: Bool
    /// Runs it in a transaction, perhaps more than once. What it returns tells the caller, once the commit is done.
    package let run: @Sendable (any SQLTransaction) throws -> (@Sendable () -> Void)
    /// Tells the caller that nothing was done.
    package let fail: @Sendable (any Error) -> Void
}

/// The units of work that wait for a driver's threads, first come, first served; bounded. For drivers.
package final class WorkQueue: Sendable {
    private struct State {
        var waiting: [Work] = []
        var isClosed = false
    }

    private let state = Monitor(State())
    private let nextTicket = Atomic(0)
    private let limit: Int

    /// - Parameter limit: how many may wait.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Runs `body` on a thread that takes from this queue.
    ///
    /// - Throws: as `Database.write`.
    package func perform<T: Sendable>(
        isReadOnly: Bool, _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        let ticket = nextTicket.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let work = Work(ticket: ticket, isReadOnly: isReadOnly) { transaction in
                    let value = try body(transaction)
                    return { continuation.resume(returning: value) }
                } fail: { error in
                    continuation.resume(throwing: error)
                }
                if let refusal = add(work) { work.fail(refusal) }
            }
        } onCancel: {
            remove(ticket)?.fail(CancellationError())
        }
    }

    /// How many units wait.
    package var count: Int { state.withLock { $0.waiting.count } }

    /// Blocks the calling thread until there is work.
    ///
    /// - Parameter most: how many units are taken at the most.
    /// - Returns: nil when the queue is closed and empty.
    package func take(_ most: Int) -> [Work]? {
        state.wait { state in
            if state.waiting.isEmpty { return state.isClosed ? .some(nil) : nil }
            if state.waiting.count <= most {
                defer { state.waiting.removeAll(keepingCapacity: true) }
                return state.waiting
            }
            defer { state.waiting.removeFirst(most) }
            return Array(state.waiting.prefix(most))
        }
    }

    /// Takes nothing more; what waits is still done.
    package func close() {
        state.withLock { $0.isClosed = true }
        state.signalAll()
    }

    /// Refuses what still waits.
    package func abandon() {
        let left = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for work in left { work.fail(Self.closed) }
    }

    private static let closed = Unavailable("database", reason: "shutting down")

    private func add(_ work: Work) -> (any Error)? {
        let refusal: (any Error)? = state.withLock { state in
            // Under the lock: a cancellation either sees the work waiting or is seen here.
            if Task.isCancelled { return CancellationError() }
            if state.isClosed { return Self.closed }
            if state.waiting.count >= limit {
                return Unavailable("database", reason: "\(limit) units of work are waiting")
            }
            state.waiting.append(work)
            return nil
        }
        if refusal == nil { state.signalOne() }
        return refusal
    }

    private func remove(_ ticket: Int) -> Work? {
        state.withLock { state in
            state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0) }
        }
    }
}
