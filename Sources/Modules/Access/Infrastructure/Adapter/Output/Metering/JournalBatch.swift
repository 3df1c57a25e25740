import Lifecycle
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
    private let latch = Latch()
    private let result = Mutex<Result<Void, any Error>?>(nil)

    func finish(_ result: Result<Void, any Error>) {
        self.result.withLock { $0 = result }
        latch.open()
    }

    /// - Throws: why it could not be written; `CancellationError` for a task that no longer waits.
    func written() async throws {
        await latch.wait()
        guard let result = result.withLock({ $0 }) else { throw CancellationError() }
        try result.get()
    }
}
