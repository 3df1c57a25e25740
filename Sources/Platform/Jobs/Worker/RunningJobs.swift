import Lifecycle
import Synchronization

/// The runs of this process, so that they can be ended.
final class RunningJobs: Sendable {
    enum Interruption: Sendable {
        case timedOut
        case cancelled
        case shutdown
    }

    /// One run of one job.
    struct Key: Hashable, Sendable {
        let number: Int
        let fence: Int

        init(_ job: ClaimedJob) {
            number = job.number
            fence = job.fence
        }
    }

    /// What there is to know when a run ends.
    struct End: Sendable {
        let interruption: Interruption?
        /// Whether its result was written without it.
        let isReported: Bool
    }

    private struct Run {
        let deadline: Duration
        var task: Task<Void, Never>?
        var interruption: Interruption?
        var isReported = false
    }

    private struct State {
        var runs: [Key: Run] = [:]
        var idle: [Latch] = []
    }

    private let state = Mutex(State())

    /// So long a run that was cancelled may take to end before its result is written without it.
    static let patience: Duration = .seconds(10)

    var count: Int { state.withLock { $0.runs.count } }

    /// - Parameter deadline: of the monotonic clock.
    func begin(_ key: Key, deadline: Duration) {
        state.withLock { $0.runs[key] = Run(deadline: deadline) }
    }

    /// The task may have ended before.
    func attach(_ task: Task<Void, Never>, to key: Key) {
        let isInterrupted = state.withLock { state in
            state.runs[key]?.task = task
            return state.runs[key]?.interruption != nil
        }
        if isInterrupted { task.cancel() }
    }

    func end(_ key: Key) -> End {
        let (run, idle) = state.withLock { state in
            let run = state.runs.removeValue(forKey: key)
            guard state.runs.isEmpty else { return (run, [Latch]()) }
            defer { state.idle = [] }
            return (run, state.idle)
        }
        for latch in idle { latch.open() }
        return End(interruption: run?.interruption, isReported: run?.isReported ?? false)
    }

    /// Opens when no job runs.
    func idle() -> Latch {
        let latch = Latch()
        let isIdle = state.withLock { state in
            if !state.runs.isEmpty { state.idle.append(latch) }
            return state.runs.isEmpty
        }
        if isIdle { latch.open() }
        return latch
    }

    /// Cancels runs; what cancelled one first counts.
    ///
    /// - Parameter numbers: of jobs; nil for all.
    func interrupt(_ numbers: Set<Int>? = nil, by interruption: Interruption) {
        interrupt(by: interruption) { key, _ in numbers?.contains(key.number) ?? true }
    }

    /// Cancels what runs too long.
    ///
    /// - Returns: what was cancelled and goes on all the same, each once.
    func interruptOverdue(at elapsed: Duration) -> [Key] {
        interrupt(by: .timedOut) { _, run in run.deadline <= elapsed }
        return state.withLock { state in
            let stuck = state.runs.filter {
                $0.value.interruption == .timedOut && !$0.value.isReported
                    && $0.value.deadline + Self.patience <= elapsed
            }.map(\.key)
            for key in stuck { state.runs[key]?.isReported = true }
            return stuck
        }
    }

    private func interrupt(by interruption: Interruption, where isMeant: (Key, Run) -> Bool) {
        let tasks = state.withLock { state in
            var tasks: [Task<Void, Never>] = []
            for (key, run) in state.runs where run.interruption == nil && isMeant(key, run) {
                state.runs[key]?.interruption = interruption
                if let task = run.task { tasks.append(task) }
            }
            return tasks
        }
        for task in tasks { task.cancel() }
    }
}
