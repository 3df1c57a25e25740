import Synchronization

/// Wakes one waiting loop. Signals that come while it is busy are kept as one.
package final class Wakeup: Sendable {
    private struct State {
        var isPending = false
        var waiter: CheckedContinuation<Void, Never>?
        /// At which beat the waiter goes on.
        var due = 0
        /// At which one this is looked at next; nil: at none.
        var lookedAt: Int?
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether a signal waits for a loop that is busy.
    package var isPending: Bool { state.withLock { $0.isPending } }

    package func signal() {
        let waiter = state.withLock { state in
            state.isPending = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns at the next signal, at once if one came before, after `timeout`, or when the task is cancelled.
    package func wait(upTo timeout: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await Task.sleep(for: timeout) }
            await group.next()
            group.cancelAll()
        }
    }

    /// The same for whoever looks again from time to time: up to a quarter of a second early, together with others who
    /// do. That takes one timer for all, and no tasks.
    package func wait(about timeout: Duration) async {
        guard timeout >= Heartbeat.interval else { return await wait(upTo: timeout) }
        await wait(until: Heartbeat.shared.beat(within: timeout))
    }

    /// Called at the beat.
    func beat(_ number: Int) {
        let (waiter, next) = state.withLock { state -> (CheckedContinuation<Void, Never>?, Int?) in
            // It is looked at sooner by now.
            guard state.lookedAt == number else { return (nil, nil) }
            state.lookedAt = nil
            guard state.waiter != nil else { return (nil, nil) }
            if state.due == .max { return (nil, nil) }
            if state.due > number {
                state.lookedAt = state.due
                return (nil, state.due)
            }
            defer { state.waiter = nil }
            return (state.waiter, nil)
        }
        waiter?.resume()
        if let next { Heartbeat.shared.wake(self, at: next) }
    }

    /// - Parameter beat: nil: without end.
    private func wait(until beat: Int? = nil) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (goesOn, isNew) = state.withLock { state in
                    if state.isPending || Task.isCancelled {
                        state.isPending = false
                        return (true, false)
                    }
                    state.waiter = continuation
                    // Without a beat it is the other one of two tasks that ends the wait.
                    guard let beat else {
                        state.due = .max
                        return (false, false)
                    }
                    state.due = beat
                    if let lookedAt = state.lookedAt, lookedAt <= beat { return (false, false) }
                    state.lookedAt = beat
                    return (false, true)
                }
                if goesOn { continuation.resume() }
                if isNew, let beat { Heartbeat.shared.wake(self, at: beat) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }
}
