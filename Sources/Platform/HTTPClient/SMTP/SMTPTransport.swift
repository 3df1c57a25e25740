import Lifecycle
import Shared

/// Brings mails to one server (RFC 5321) over a few connections that are kept for the next mail.
///
/// libcurl blocks on threads of its own, one per connection; they are made when mails wait. libcurl drops a
/// connection on which something was refused, so the mail after a refused one begins with a greeting.
package final class SMTPTransport: Service {
    package let name = "smtp"
    private let queue: SMTPQueue

    package init(_ settings: SMTPSettings) {
        queue = SMTPQueue(threadsMax: settings.connectionsMax, waitingMax: settings.waitingMax) { queue in
            Self.carry(queue, settings)
        }
    }

    deinit { queue.close() }

    /// Returns when the server has taken the mail. If it throws, the server may still have taken it, where the
    /// connection broke before the last answer.
    ///
    /// - Throws: `SMTPFailure` if the server refused it or could not be reached; `CancellationError` about a second
    ///   after the task was cancelled; `Unavailable` if too many mails wait or after the end.
    package func send(_ message: MailMessage) async throws {
        let job = SMTPQueue.Job(message)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                job.awaitEnd(continuation)
                do {
                    try queue.add(job)
                    if job.isCancelled, queue.remove(job) { throw CancellationError() }
                } catch {
                    job.end(.failure(error))
                }
            }
        } onCancel: {
            job.cancel()
            if queue.remove(job) { job.end(.failure(CancellationError())) }
        }
    }

    /// Waits for the end and lets the connections go.
    package func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        await lifecycle.shutdownRequested()
        queue.close()
        // A server that does not answer a farewell holds nobody up.
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [queue] in await queue.ended.wait() }
            let left = lifecycle.deadline.map { $0 - .now } ?? .zero
            group.addTask { try? await Task.sleep(for: min(.seconds(1), left / 2)) }
            await group.next()
            group.cancelAll()
        }
    }

    /// A thread's work.
    private static func carry(_ queue: SMTPQueue, _ settings: SMTPSettings) {
        while true {
            guard case .job(let first) = queue.next(patience: nil) else { return }
            do {
                var connection = try SMTPConnection(settings)
                var job = first
                while true {
                    carry(job, over: &connection)
                    if connection.isBroken { break }
                    guard case .job(let following) = queue.next(patience: settings.idleMax) else { break }
                    job = following
                }
            } catch {
                first.end(.failure(error))
            }
        }
    }

    private static func carry(_ job: SMTPQueue.Job, over connection: inout SMTPConnection) {
        do {
            try connection.send(job.message) { job.isCancelled }
            job.end(.success(()))
        } catch {
            job.end(.failure(error))
        }
    }
}
