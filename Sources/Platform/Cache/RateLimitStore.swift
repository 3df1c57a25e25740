import Shared

/// How often something may happen: `quota` times in each `window`.
package struct RateLimitRule: Sendable, Equatable {
    package let quota: Int
    package let window: Duration

    package init(quota: Int, window: Duration) {
        self.quota = quota
        self.window = window
    }

    /// Reads `5/1m`; nil for anything else.
    package init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].first != "+", let quota = Int(parts[0]), (1...1_000_000).contains(quota),
            let window = Duration(text: String(parts[1])), window <= .seconds(86_400)
        else { return nil }
        self.init(quota: quota, window: window)
    }
}

/// Where a caller stands in its window after one attempt was counted.
package struct RateLimitState: Sendable, Equatable {
    package let isAllowed: Bool
    /// What is left in this window.
    package let remaining: Int
    /// Until the window ends.
    package let resetsIn: Duration

    package init(isAllowed: Bool, remaining: Int, resetsIn: Duration) {
        self.isAllowed = isAllowed
        self.remaining = remaining
        self.resetsIn = resetsIn
    }
}

/// Counts attempts by key in fixed windows.
package protocol RateLimitStore: Sendable {
    /// Counts one attempt. A refused attempt does not count.
    ///
    /// - Parameter key: whatever is limited, with its kind in front: `login:account:ana@example.com`.
    func hit(_ key: String, rule: RateLimitRule) async throws -> RateLimitState
}
