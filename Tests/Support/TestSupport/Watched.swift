import Synchronization

/// A value that changes on other threads; tests wait for what it becomes. Their time limit is the deadline.
package final class Watched<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var waiters: [(isDone: @Sendable (Value) -> Bool, continuation: CheckedContinuation<Value, Never>)] = []
    }

    private let state: Mutex<State>

    package init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    package var value: Value { state.withLock { $0.value } }

    package func update(_ change: (inout Value) -> Void) {
        let (value, woken) = state.withLock { state in
            change(&state.value)
            let value = state.value
            let woken = state.waiters.filter { $0.isDone(value) }
            state.waiters.removeAll { $0.isDone(value) }
            return (value, woken.map(\.continuation))
        }
        for continuation in woken { continuation.resume(returning: value) }
    }

    /// Returns the value as soon as it satisfies the condition.
    @discardableResult
    package func wait(until isDone: @escaping @Sendable (Value) -> Bool) async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                if isDone(state.value) { return state.value }
                state.waiters.append((isDone, continuation))
                return nil
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
