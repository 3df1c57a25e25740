import Lifecycle
import Shared

/// Threads for work that blocks, with a bounded queue before them, so that it never holds a thread of the tasks.
package final class WorkerThreads: Sendable {
    private let queue: HashQueue
    private let waitingMax: Int
    private let resource: String

    /// - Parameters:
    ///   - resource: named in `Unavailable`.
    ///   - count: threads, 1 or more; an idle one only sleeps.
    ///   - waitingMax: how many pieces of work may wait for a thread, 0 or more.
    /// - Throws: `Unavailable` if the system gives no thread.
    package init(resource: String, count: Int, waitingMax: Int) throws {
        precondition(count >= 1 && waitingMax >= 0, "needs a thread and a queue")
        self.resource = resource
        self.waitingMax = waitingMax
        queue = HashQueue()
        for _ in 0..<count {
            do {
                try queue.startThread()
            } catch {
                queue.close { _ in }
                throw error
            }
        }
    }

    deinit {
        close()
    }

    /// Runs `work` on one of the threads.
    ///
    /// - Throws: `Unavailable` if too much waits or after `close`; `CancellationError` if the task is cancelled before
    ///   the work begins, which is then never done; else what `work` throws.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let number = queue.nextNumber()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                let job = HashQueue.Job(
                    number: number,
                    work: {
                        let result = Result { try work() }
                        return { continuation.resume(with: result) }
                    },
                    refuse: { continuation.resume(throwing: $0) })
                switch queue.add(job, waitingMax: waitingMax) {
                case .accepted: break
                case .cancelled: job.refuse(CancellationError())
                case .full: job.refuse(Unavailable(resource, reason: "the queue is full"))
                case .closed: job.refuse(Unavailable(resource, reason: "it has been shut down"))
                }
            }
        } onCancel: {
            queue.remove(number)?.refuse(CancellationError())
        }
    }

    /// Refuses what waits and what comes; the threads end after the work they are at.
    package func close() {
        queue.close { $0.refuse(Unavailable(resource, reason: "it has been shut down")) }
    }

    /// Returns when the last thread is about to end after `close`, or when the calling task is cancelled.
    package func waitUntilEnded() async {
        await queue.ended.wait()
    }
}
