import Lifecycle
import Threads

/// What the threads and `WorkerThreads` share; the threads hold only this, so that the owner can be let go.
final class HashQueue: Sendable {
    struct Job: Sendable {
        let number: Int
        /// Does the work and returns what reports its result.
        let work: @Sendable () -> @Sendable () -> Void
        let refuse: @Sendable (any Error) -> Void
    }

    enum Admission { case accepted, cancelled, full, closed }

    private struct State {
        var lastNumber = 0
        var waiting: [Job] = []
        var running = 0
        var threads = 0
        var isClosed = false
    }

    let ended = Latch()
    private let monitor = Monitor(State())

    func nextNumber() -> Int {
        monitor.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    func add(_ job: Job, waitingMax: Int) -> Admission {
        monitor.withLock { state in
            if state.isClosed { return .closed }
            // Asked under the lock: a cancellation from here on finds the job in the queue.
            if Task.isCancelled { return .cancelled }
            guard state.waiting.count + state.running < state.threads + waitingMax else { return .full }
            state.waiting.append(job)
            monitor.signalOne()
            return .accepted
        }
    }

    func remove(_ number: Int) -> Job? {
        monitor.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
        }
    }

    func close(_ refuse: (Job) -> Void) {
        let refused = monitor.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        monitor.signalAll()
        refused.forEach(refuse)
    }

    /// - Throws: `Unavailable` if the system gives no thread.
    func startThread() throws {
        monitor.withLock { $0.threads += 1 }
        do {
            try OwnThread("password-hash") { [self] in doWork() }
        } catch {
            monitor.withLock { $0.threads -= 1 }
            throw error
        }
    }

    private func doWork() {
        while let job = nextJob() {
            let report = job.work()
            monitor.withLock { $0.running -= 1 }
            report()
        }
        let isLast = monitor.withLock { state in
            state.threads -= 1
            return state.threads == 0
        }
        if isLast { ended.open() }
    }

    private func nextJob() -> Job? {
        monitor.wait { state -> Job?? in
            if !state.waiting.isEmpty {
                state.running += 1
                return .some(state.waiting.removeFirst())
            }
            return state.isClosed ? .some(nil) : nil
        }
    }
}
