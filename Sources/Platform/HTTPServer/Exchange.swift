internal import CMicroHTTPD
import HTTP
import Shared
import Synchronization

/// One request and its answer. libmicrohttpd holds it from the request line to the completion, the task that
/// answers holds it to its end; whichever comes last frees it.
///
/// Unchecked: `incoming` belongs to the connection's HTTP thread; the rest is in the mutex or constant. The connection handle is used only while it is suspended, by
/// whoever moves the phase on, or on its HTTP thread.
final class Exchange: @unchecked Sendable {
    private enum Phase {
        /// Being read, or handled while libmicrohttpd comes back to ask for the answer.
        case open
        /// Being handled, and libmicrohttpd sleeps until it is resumed.
        case suspended
        case answered(Response)
        /// The answer has been handed over, or nobody waits for one any more.
        case over
    }

    private struct State {
        var phase = Phase.open
        var task: Task<Void, Never>?
    }

    /// What libmicrohttpd shall do next.
    enum Step {
        case answer(Response)
        case askAgain
        case sleep
    }

    let connection: ServerConnection
    var incoming: IncomingRequest
    private let handle: OpaquePointer
    private let state = Mutex(State())

    init(connection: ServerConnection, handle: OpaquePointer, incoming: IncomingRequest) {
        self.connection = connection
        self.handle = handle
        self.incoming = incoming
        connection.worker.counts.exchanges.add(1, ordering: .relaxed)
    }

    deinit { connection.worker.counts.exchanges.subtract(1, ordering: .relaxed) }

    /// Lets the application answer, on this thread as long as it does not suspend.
    func dispatch() -> Step {
        let work: @Sendable () async -> Response
        switch connection.worker.application.reply(to: incoming.makeRequest(peer: connection.peer)) {
        case .now(let response): return .answer(response)
        case .later(let given): work = given
        }
        let task = Task.immediate { [self] in finish(await work()) }
        return state.withLock { state in
            if case .answered(let response) = state.phase {
                state.phase = .over
                return .answer(response)
            }
            state.task = task
            return .askAgain
        }
    }

    /// The answer if there is one by now; else the connection sleeps until there is.
    ///
    /// Suspending at once instead would lose answers: a connection that was just read resumes with a read, and
    /// that one closes it if the client has closed its sending side. Asking again first makes it resume without
    /// one; quick handlers need no suspension at all then.
    func answerOrSuspend() -> Step {
        let isEnded = connection.worker.mode >= .ended
        let (step, abandoned) = state.withLock { state -> (Step, Task<Void, Never>?) in
            switch state.phase {
            case .answered(let response):
                state.phase = .over
                return (.answer(response), nil)
            case .open where isEnded:
                state.phase = .over
                return (.answer(connection.worker.application.refuse(.draining)), state.task.take())
            case .open:
                state.phase = .suspended
                connection.didSuspend(self)
                MHD_suspend_connection(handle)
                return (.sleep, nil)
            case .suspended, .over:
                return (.sleep, nil)
            }
        }
        abandoned?.cancel()
        return step
    }

    /// Answers in place of the handler, if it still runs on its own.
    func force(_ response: Response) {
        let abandoned = state.withLock { state -> Task<Void, Never>? in
            guard case .suspended = state.phase else { return nil }
            resume(&state, with: response)
            return state.task.take()
        }
        abandoned?.cancel()
    }

    /// The client has gone; the handler should know.
    func cancel() {
        let task = state.withLock { $0.task.take() }
        task?.cancel()
    }

    /// libmicrohttpd is done with this request.
    func complete() {
        let abandoned = state.withLock { state -> Task<Void, Never>? in
            defer { state.phase = .over }
            if case .over = state.phase { return nil }
            return state.task.take()
        }
        abandoned?.cancel()
    }

    private func finish(_ response: Response) {
        state.withLock { state in
            switch state.phase {
            case .open: state.phase = .answered(response)
            case .suspended: resume(&state, with: response)
            case .answered, .over: break
            }
        }
    }

    /// Within the lock, so that nobody resumes twice, and so that `complete` cannot return, nor the daemon stop,
    /// while libmicrohttpd is still at it.
    private func resume(_ state: inout State, with response: Response) {
        state.phase = .answered(response)
        connection.willResume()
        MHD_resume_connection(handle)
    }
}
