import Shared
import Synchronization

/// Counters of this process, in bounded memory.
package final class InMemoryRateLimitStore: RateLimitStore {
    private struct Window {
        var used: Int
        /// By the monotonic clock.
        let end: Duration
    }

    private let windows = Mutex<[String: Window]>([:])
    private let clock: any MonotonicClock
    private let keysMax: Int

    /// - Parameter keysMax: how many keys are remembered; beyond it ended windows go first, then the fullest stay.
    package init(clock: any MonotonicClock, keysMax: Int = 100_000) {
        self.clock = clock
        self.keysMax = keysMax
    }

    package func hit(_ key: String, rule: RateLimitRule) -> RateLimitState {
        let now = clock.elapsed
        return windows.withLock { windows in
            if windows.count >= keysMax, windows[key] == nil { Self.makeRoom(in: &windows, now: now) }
            var window = windows[key] ?? Window(used: 0, end: now + rule.window)
            if window.end <= now { window = Window(used: 0, end: now + rule.window) }
            let isAllowed = window.used < rule.quota
            if isAllowed { window.used += 1 }
            windows[key] = window
            return RateLimitState(
                isAllowed: isAllowed, remaining: max(0, rule.quota - window.used), resetsIn: window.end - now)
        }
    }

    /// Drops a quarter at least: what has ended, then the least used, so that a flood of new keys does not free
    /// those that have reached their limit.
    private static func makeRoom(in windows: inout [String: Window], now: Duration) {
        let target = windows.count * 3 / 4
        windows = windows.filter { $0.value.end > now }
        guard windows.count > target else { return }
        let byUse = windows.sorted { $0.value.used > $1.value.used }
        windows = Dictionary(uniqueKeysWithValues: byUse.prefix(target).map { ($0.key, $0.value) })
    }
}
