import Shared
import Synchronization

/// Leaves an origin alone for a while that failed several times in a row, then lets one request through to see.
///
/// An answer of any status is none of those failures: the system is there, and knows best what it refuses.
package final class CircuitBreaker: Sendable {
    private struct Circuit {
        var failures = 0
        /// When one request may go through again; nil while all may.
        var closedUntil: Duration?
        /// The latest failure, by which the oldest circuit makes room.
        var touched: Duration
    }

    /// Only origins that fail are remembered, and not more than so many.
    private static let originsMax = 4_096

    private let failuresMax: Int
    private let pause: Duration
    private let clock: any MonotonicClock
    private let circuits = Mutex<[String: Circuit]>([:])

    /// - Parameters:
    ///   - failuresMax: how many in a row open the circuit: 1 or more.
    ///   - pause: for how long.
    package init(
        failuresMax: Int = 5, pause: Duration = .seconds(30), clock: any MonotonicClock = SystemMonotonicClock()
    ) {
        self.failuresMax = failuresMax
        self.pause = pause
        self.clock = clock
    }

    /// - Throws: `FetchFailure` of the kind `paused`.
    func admit(_ origin: String) throws {
        let now = clock.elapsed
        let wait = circuits.withLock { circuits -> Duration? in
            guard let until = circuits[origin]?.closedUntil else { return nil }
            if now < until { return until - now }
            // This one finds out; the others wait for it, at most as long as before.
            circuits[origin]?.closedUntil = now + pause
            return nil
        }
        if let wait {
            throw FetchFailure(.paused, "the last requests to this host failed", retryAfter: wait)
        }
    }

    func succeeded(_ origin: String) {
        circuits.withLock { _ = $0.removeValue(forKey: origin) }
    }

    func failed(_ origin: String) {
        let now = clock.elapsed
        circuits.withLock { circuits in
            var circuit = circuits[origin] ?? Circuit(touched: now)
            circuit.failures += 1
            circuit.touched = now
            if circuit.failures >= failuresMax { circuit.closedUntil = now + pause }
            if circuits[origin] == nil, circuits.count >= Self.originsMax,
                let oldest = circuits.min(by: { $0.value.touched < $1.value.touched })
            {
                circuits.removeValue(forKey: oldest.key)
            }
            circuits[origin] = circuit
        }
    }

    /// A request that was let through to see ended without showing anything: the next one may.
    func abandoned(_ origin: String) {
        let now = clock.elapsed
        circuits.withLock { circuits in
            if circuits[origin]?.closedUntil != nil { circuits[origin]?.closedUntil = now }
        }
    }
}
