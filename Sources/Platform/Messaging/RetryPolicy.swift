import Shared

/// Exponential backoff with jitter.
package struct RetryPolicy: Sendable {
    package let attemptsMax: Int
    private let first: Duration
    private let longest: Duration
    /// From 0 up to 1.
    private let jitter: @Sendable () -> Double

    /// - Parameters:
    ///   - attemptsMax: after so many failures it is given up.
    ///   - first: the delay after the first failure; each later one doubles it, up to `longest`.
    ///   - jitter: a number from 0 up to 1; the delay is between half and all of what it would be.
    package init(
        attemptsMax: Int = 20, first: Duration = .seconds(1), longest: Duration = .seconds(300),
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.attemptsMax = attemptsMax
        self.first = first
        self.longest = longest
        self.jitter = jitter
    }

    /// - Parameter attempt: from 1.
    package func delay(afterAttempt attempt: Int) -> Duration {
        let doublings = min(max(attempt - 1, 0), 20)
        let full = min(first * (1 << doublings), longest)
        return full * (0.5 + jitter() / 2)
    }
}
