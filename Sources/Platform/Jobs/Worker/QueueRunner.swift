import Lifecycle
import Shared
import Synchronization

/// Runs the jobs of one queue in this process.
final class QueueRunner: Sendable {
    private struct State {
        /// Claimed, and not started for want of room.
        var backlog: ArraySlice<ClaimedJob> = []
        var runningCount = 0
        var size: ClaimSize
    }

    let queue: JobQueue
    let wakeup: Wakeup
    private let claims: JobClaims
    private let execution: JobExecution
    private let state: Mutex<State>

    init(_ queue: JobQueue, claims: JobClaims, execution: JobExecution, wakeup: Wakeup) {
        self.queue = queue
        self.claims = claims
        self.execution = execution
        self.wakeup = wakeup
        state = Mutex(State(size: ClaimSize(queue)))
    }

    /// Claims what there is room for, and starts it.
    ///
    /// - Returns: how many jobs were claimed.
    func fill(at now: Timestamp, leaseTime: Timestamp, elapsed: Duration) async throws -> Int {
        let room = state.withLock { state in
            state.size.look(at: elapsed)
            let room = state.size.current - state.backlog.count - state.runningCount
            // Small claims would not be worth their commits while there is enough to do.
            return state.backlog.isEmpty || room >= state.size.current / 2 ? room : 0
        }
        guard room > 0 else { return 0 }
        let claimed = try await claims.claim(queue, limit: room, at: now, leaseTime: leaseTime)
        state.withLock { $0.backlog += claimed }
        startNext()
        return claimed.count
    }

    /// Gives back what has not started.
    func release() -> [ClaimedJob] {
        state.withLock { state in
            defer { state.backlog = [] }
            return Array(state.backlog)
        }
    }

    private func startNext() {
        let jobs = state.withLock { state in
            let count = min(queue.concurrency - state.runningCount, state.backlog.count)
            let jobs = Array(state.backlog.prefix(count))
            state.backlog.removeFirst(count)
            state.runningCount += count
            return jobs
        }
        for job in jobs {
            execution.start(job) { [self] in
                ended()
            }
        }
    }

    private func ended() {
        let hasRoom = state.withLock { state in
            state.runningCount -= 1
            state.size.ended()
            return state.backlog.count <= state.size.current / 2
        }
        startNext()
        if hasRoom { wakeup.signal() }
    }
}
