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
    private let entries = Mutex<[Entry]>([])
    let wakeup = Wakeup()

    static let batchSize = 1_000

    init(_ results: JobResults, logger: Logger) {
        self.results = results
        self.logger = logger
    }

    func add(_ entry: Entry) {
        let count = entries.withLock { entries in
            entries.append(entry)
            return entries.count
        }
        if count == 1 || count == Self.batchSize { wakeup.signal() }
    }

    /// Writes one batch.
    ///
    /// - Returns: how many left the buffer.
    func flush(at now: Timestamp) async throws -> Int {
        let batch = entries.withLock { entries in
            let batch = Array(entries.prefix(Self.batchSize))
            entries.removeFirst(batch.count)
            return batch
        }
        guard !batch.isEmpty else { return 0 }
        let settled: Set<Int>
        do {
            settled = try await results.settle(batch.map(\.job), at: now)
        } catch {
            entries.withLock { $0.insert(contentsOf: batch, at: 0) }
            throw error
        }
        for entry in batch where !settled.contains(entry.job.number) && !entry.mayBeWritten {
            logger.warning(
                "a job was taken from its run before that ended; its result does not count",
                ["number": LogValue(entry.job.number), "kind": .text(entry.kind)])
        }
        return batch.count
    }
}
