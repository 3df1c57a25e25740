import Shared
import Synchronization

/// Clocks that stand still until a test moves them.
package final class ManualClock: WallClock, MonotonicClock {
    private struct State {
        var moment: Timestamp
        var elapsed: Duration = .zero
    }

    private let state: Mutex<State>

    package init(_ start: Timestamp = Timestamp(seconds: 1_790_000_000)) {
        state = Mutex(State(moment: start))
    }

    package var now: Timestamp { state.withLock { $0.moment } }

    package var elapsed: Duration { state.withLock { $0.elapsed } }

    /// Time passes.
    package func advance(by duration: Duration) {
        state.withLock { state in
            state.moment = state.moment + duration
            state.elapsed += duration
        }
    }

    /// The time of day is corrected; no time passes.
    package func set(to timestamp: Timestamp) {
        state.withLock { $0.moment = timestamp }
    }
}
