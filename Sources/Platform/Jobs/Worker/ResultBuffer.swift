import Lifecycle
import Shared
import Synchronization

/// What became of runs, on its way into the database: written together, and kept while the database is away.
final class ResultBuffer: Sendable {
    /// A result, and whether it may be there already because the run wrote it with its effect.
    struct Entry: Sendable {
        let job: EndedJob
        let kind: String
        let mayBeWritten: Bool
    }

    private let results: JobResults
    private let logger: Logger
    private struct State {
        var entries: [Entry] = []
        /// How many of the first are being written.
        var writingCount = 0
    }

    private let state = Mutex(State())
    let wakeup = Wakeup()

    static let batchSize = 1_000

    init(_ results: JobResults, logger: Logger) {
        self.results = results
        self.logger = logger
    }

    func add(_ entry: Entry) {
        let count = state.withLock { state in
            state.entries.append(entry)
            return state.entries.count - state.writingCount
        }
        if count == 1 || count == Self.batchSize { wakeup.signal() }
    }

    /// What is not written for certain.
    var keys: Set<RunningJobs.Key> {
        state.withLock { Set($0.entries.map { RunningJobs.Key(number: $0.job.number, fence: $0.job.fence) }) }
    }

    /// Writes one batch, unless one is being written.
    ///
    /// - Returns: how many left the buffer.
    func flush(at now: Timestamp) async throws -> Int {
        let batch = state.withLock { state in
            guard state.writingCount == 0 else { return [Entry]() }
            let batch = Array(state.entries.prefix(Self.batchSize))
            state.writingCount = batch.count
            return batch
        }
        guard !batch.isEmpty else { return 0 }
        let settled: Set<Int>
        do {
            settled = try await results.settle(batch.map(\.job), at: now)
        } catch {
            state.withLock { $0.writingCount = 0 }
            throw error
        }
        state.withLock { state in
            state.entries.removeFirst(batch.count)
            state.writingCount = 0
        }
        for entry in batch where !settled.contains(entry.job.number) && !entry.mayBeWritten {
            logger.warning(
                "a job was taken from its run before that ended; its result does not count",
                ["number": LogValue(entry.job.number), "kind": .text(entry.kind)])
        }
        return batch.count
    }
}
