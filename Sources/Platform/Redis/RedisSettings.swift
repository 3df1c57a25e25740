/// How Redis is used.
package struct RedisSettings: Sendable {
    /// For looking the name up, connecting, TLS and the greeting together.
    package var connectTimeout: Duration
    /// How long a command waits for its answer, unless it says otherwise. After it the connection is given up, for a
    /// late answer would be taken for another command's.
    package var commandTimeout: Duration
    /// How many commands may wait for their answers, 1 or more; one more is refused as `unavailable`.
    package var queueLimit: Int
    /// A connection that nobody used for so long must answer a PING.
    package var pingAfter: Duration
    /// The first pause before connecting again; doubled up to `backoffMax`, each shortened at random by up to half.
    package var backoffMin: Duration
    package var backoffMax: Duration

    package init(
        connectTimeout: Duration = .seconds(2), commandTimeout: Duration = .seconds(1), queueLimit: Int = 10_000,
        pingAfter: Duration = .seconds(2), backoffMin: Duration = .milliseconds(50),
        backoffMax: Duration = .seconds(2)
    ) {
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.queueLimit = max(1, queueLimit)
        self.pingAfter = pingAfter
        self.backoffMin = backoffMin
        self.backoffMax = backoffMax
    }
}

/// Pauses between attempts, so that many processes do not come at once.
struct Backoff {
    private let first: Duration
    private let longest: Duration
    private var next: Duration

    init(_ settings: RedisSettings) {
        first = settings.backoffMin
        longest = settings.backoffMax
        next = first
    }

    mutating func pause() -> Duration {
        defer { next = min(longest, next * 2) }
        return next * Double.random(in: 0.5...1)
    }

    mutating func reset() { next = first }
}
