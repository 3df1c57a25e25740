import HTTPClient
import Shared

/// What every adapter of a provider needs from the process.
struct ProviderEnvironment: Sendable {
    let http: any HTTPFetching
    let clock: any WallClock
    let stopwatch: any MonotonicClock
    let random: any RandomSource
    /// Of all calls of one callback together.
    let callbackLimit: Duration
    let logger: Logger

    init(
        http: any HTTPFetching, clock: any WallClock, stopwatch: any MonotonicClock = SystemMonotonicClock(),
        random: any RandomSource = SystemRandomSource(), callbackLimit: Duration = .seconds(15), logger: Logger
    ) {
        self.http = http
        self.clock = clock
        self.stopwatch = stopwatch
        self.random = random
        self.callbackLimit = callbackLimit
        self.logger = logger
    }
}
