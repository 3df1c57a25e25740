import Synchronization

/// What was read last of a store, to be asked without waiting. Of two reads at once, the one that began later counts.
final class LatestRead<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var lastBegun: UInt64 = 0
        var lastTaken: UInt64 = 0
    }

    private let state: Mutex<State>

    /// - Parameter initial: until the first read.
    init(_ initial: Value) {
        state = Mutex(State(value: initial))
    }

    func withValue<Result>(_ body: (Value) -> Result) -> Result { state.withLock { body($0.value) } }

    func reload(_ read: () async throws -> Value) async throws {
        let number = state.withLock { state in
            state.lastBegun += 1
            return state.lastBegun
        }
        let value = try await read()
        state.withLock { state in
            guard number > state.lastTaken else { return }
            state.lastTaken = number
            state.value = value
        }
    }
}
