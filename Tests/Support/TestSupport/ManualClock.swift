import Shared
import Synchronization

/// A clock that stands still until a test moves it.
package final class ManualClock: WallClock {
    private let moment: Mutex<Timestamp>

    package init(_ start: Timestamp = Timestamp(seconds: 1_790_000_000)) {
        moment = Mutex(start)
    }

    package var now: Timestamp { moment.withLock { $0 } }

    package func advance(by duration: Duration) {
        moment.withLock { $0 = $0 + duration }
    }

    package func set(to timestamp: Timestamp) {
        moment.withLock { $0 = timestamp }
    }
}
