import Synchronization

/// Hands messages from any thread to a loop. The loop takes all that wait at once, so that under load they arrive in
/// batches without a timer.
package final class Mailbox<Message: Sendable>: Sendable {
    package enum Result: Sendable {
        case accepted
        /// As many as may wait are waiting.
        case full
        /// Nobody reads it any more.
        case closed
    }

    private struct State {
        var waiting: [Message] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let waker: Waker
    private let limit: Int
    private let isQuiet = Atomic(false)

    /// - Parameters:
    ///   - loop: woken by each first message; whoever reads the mailbox is one of its wake handlers.
    ///   - limit: how many messages may wait, 1 or more.
    package init(_ loop: EventLoop, limit: Int = .max) {
        waker = loop.waker
        self.limit = limit
    }

    package func post(_ message: Message) -> Result {
        let (result, isFirst) = state.withLock { state -> (Result, Bool) in
            if state.isClosed { return (.closed, false) }
            if state.waiting.count >= limit { return (.full, false) }
            state.waiting.append(message)
            return (.accepted, state.waiting.count == 1)
        }
        if isFirst, !isQuiet.load(ordering: .sequentiallyConsistent) { waker.wake() }
        return result
    }

    /// Whether the loop looks by itself, so that nothing has to wake it. It says that it does not before it looks for
    /// the last time, or it would miss what came meanwhile.
    package func setQuiet(_ quiet: Bool) { isQuiet.store(quiet, ordering: .sequentiallyConsistent) }

    /// Exchanges what waits for an empty array, whose memory the next messages use.
    ///
    /// - Parameter batch: empty before the call, the messages in order after it.
    package func take(into batch: inout [Message]) {
        state.withLock { state in swap(&state.waiting, &batch) }
    }

    /// Takes no more messages.
    ///
    /// - Returns: those that nobody has taken.
    package func close() -> [Message] {
        state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
