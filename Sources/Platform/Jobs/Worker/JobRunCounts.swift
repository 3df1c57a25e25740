import Synchronization

/// What the runs of this process came to since its start.
package final class JobRunCounts: Sendable {
    package enum Outcome: String, Sendable, CaseIterable {
        case completed, failed, postponed, cancelled
        /// Given back at the end of the process.
        case released
    }

    private let counts = Mutex<[Outcome: Int]>([:])

    func add(_ outcome: Outcome) { counts.withLock { $0[outcome, default: 0] += 1 } }

    package func count(_ outcome: Outcome) -> Int { counts.withLock { $0[outcome] ?? 0 } }
}

extension JobResult {
    var outcome: JobRunCounts.Outcome {
        switch self {
        case .completed: .completed
        case .failed: .failed
        case .postponed: .postponed
        case .cancelled: .cancelled
        case .released: .released
        }
    }
}
