import Lifecycle
import Shared
import Synchronization
import Threads

/// The mails that wait for a connection, and the threads that carry them: as many as are needed, up to a limit.
final class SMTPQueue: Sendable {
    /// One mail to send; known by its identity.
    final class Job: Sendable {
        let message: MailMessage
        private let cancelled = Atomic<Bool>(false)
        private let continuation = Mutex<CheckedContinuation<Void, any Error>?>(nil)

        init(_ message: MailMessage) {
            self.message = message
        }

        var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

        func cancel() { cancelled.store(true, ordering: .relaxed) }

        func awaitEnd(_ continuation: CheckedContinuation<Void, any Error>) {
            self.continuation.withLock { $0 = continuation }
        }

        /// Once; later ones do nothing.
        func end(_ result: Result<Void, any Error>) {
            let waiter = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiter?.resume(with: result)
        }
    }

    private struct State {
        var waiting: [Job] = []
        var idleThreads = 0
        var threads = 0
        var isClosed = false
    }

    private let monitor = Monitor(State())
    private let threadsMax: Int
    private let waitingMax: Int
    private let carry: @Sendable (SMTPQueue) -> Void
    /// Opens when there is no thread any more after `close`.
    let ended = Latch()

    /// - Parameter carry: what a thread does: takes jobs until there are none.
    init(threadsMax: Int, waitingMax: Int, carry: @escaping @Sendable (SMTPQueue) -> Void) {
        self.threadsMax = threadsMax
        self.waitingMax = waitingMax
        self.carry = carry
    }

    /// - Throws: `Unavailable` if too much waits, after `close`, or if the system gives no thread.
    func add(_ job: Job) throws {
        if try accept(job), !startThread() {
            threadEnded()
            // Another thread may have taken it meanwhile, or will.
            let isLeft = monitor.withLock { state in
                guard state.threads == 0, let index = state.waiting.firstIndex(where: { $0 === job }) else {
                    return false
                }
                state.waiting.remove(at: index)
                return true
            }
            if isLeft { throw Unavailable("smtp", reason: "the system gives no thread") }
        }
        monitor.signalOne()
    }

    /// - Returns: whether a further thread is wanted; it is counted already.
    private func accept(_ job: Job) throws -> Bool {
        let outcome = monitor.withLock { state -> Result<Bool, Unavailable> in
            if state.isClosed { return .failure(Unavailable("smtp", reason: "it has been shut down")) }
            guard state.waiting.count < waitingMax else {
                return .failure(Unavailable("smtp", reason: "too many mails wait for a connection"))
            }
            state.waiting.append(job)
            let startsThread = state.waiting.count > state.idleThreads && state.threads < threadsMax
            if startsThread { state.threads += 1 }
            return .success(startsThread)
        }
        return try outcome.get()
    }

    /// - Returns: whether it still waited.
    func remove(_ job: Job) -> Bool {
        monitor.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0 === job }) else { return false }
            state.waiting.remove(at: index)
            return true
        }
    }

    /// What waits and what comes is refused; threads end after the mail they are at.
    func close() {
        let (refused, hasEnded) = monitor.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return (state.waiting, state.threads == 0)
        }
        monitor.signalAll()
        if hasEnded { ended.open() }
        for job in refused { job.end(.failure(Unavailable("smtp", reason: "it has been shut down"))) }
    }

    enum Next {
        case job(Job)
        /// Nothing came for so long.
        case idle
        case closed
    }

    /// For a thread: its next job.
    ///
    /// - Parameter patience: how long to wait; nil: as long as it takes.
    func next(patience: Duration?) -> Next {
        monitor.withLock { $0.idleThreads += 1 }
        let next = monitor.wait(upTo: patience) { state, isLast -> Next? in
            let next: Next
            if !state.waiting.isEmpty {
                next = .job(state.waiting.removeFirst())
            } else if state.isClosed {
                next = .closed
            } else if isLast {
                next = .idle
            } else {
                return nil
            }
            // Together with the decision: whoever adds a job counts on idle threads to take it.
            state.idleThreads -= 1
            return next
        }
        return next ?? .idle
    }

    /// - Returns: false if the system gives no thread.
    private func startThread() -> Bool {
        do {
            try OwnThread("smtp") { [self] in
                CURLHandle.ignoreBrokenPipes()
                carry(self)
                threadEnded()
            }
            return true
        } catch {
            return false
        }
    }

    private func threadEnded() {
        let isLast = monitor.withLock { state in
            state.threads -= 1
            return state.threads == 0 && state.isClosed
        }
        if isLast { ended.open() }
    }
}
