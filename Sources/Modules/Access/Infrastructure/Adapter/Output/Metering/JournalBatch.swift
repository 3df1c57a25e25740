import Shared
import Synchronization

/// Changes of a meter in memory that are written together.
struct JournalBatch: Sendable {
    let counters: [CounterRecord]
    /// The subjects of those counters, by their place in memory.
    let subjects: [Int]
    let changes: [JournalChange]
    let ticket: JournalTicket
}

/// A change for which somebody waits. If it cannot be written, it did not happen.
struct JournalChange: Sendable {
    /// What it did to one counter.
    struct Step: Sendable {
        let id: CounterID
        let windowEnd: Timestamp
        let used: Int
        let reserved: Int
    }

    let steps: [Step]
    let entry: JournalEntry?
}

/// Tells those who wait how the write of a batch went.
final class JournalTicket: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Void, any Error>])
        case finished(Result<Void, any Error>)
    }

    private let state = Mutex(State.waiting([]))

    func finish(_ result: Result<Void, any Error>) {
        let waiters = state.withLock { state in
            guard case .waiting(let waiters) = state else { return [CheckedContinuation<Void, any Error>]() }
            state = .finished(result)
            return waiters
        }
        for waiter in waiters { waiter.resume(with: result) }
    }

    /// Waits also in a task that was cancelled: what it changed is written or undone all the same, and others wait
    /// behind it.
    ///
    /// - Throws: why it could not be written.
    func written() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Void, any Error>? = state.withLock { state in
                switch state {
                case .finished(let result): return result
                case .waiting(let waiters):
                    state = .waiting(waiters + [continuation])
                    return nil
                }
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
