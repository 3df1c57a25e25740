import Shared
import Synchronization

/// Keeps one failure that lasts, such as a full disk, from filling the log: the same cause is due once a minute.
package final class FailureLog: Sendable {
    private struct Told {
        let cause: String
        let moment: Duration
    }

    private let told = Mutex<Told?>(nil)
    private let stopwatch: any MonotonicClock

    package static let interval: Duration = .seconds(60)

    package init(stopwatch: any MonotonicClock = SystemMonotonicClock()) {
        self.stopwatch = stopwatch
    }

    /// Whether to log it now. Asked once for each failure.
    package func isDue(_ cause: String) -> Bool {
        let now = stopwatch.elapsed
        return told.withLock { told in
            if let last = told, last.cause == cause, now - last.moment < Self.interval { return false }
            told = Told(cause: cause, moment: now)
            return true
        }
    }
}
