import Shared
import Synchronization

/// Leaves an origin alone for a while that failed several times in a row, or too often of late, then lets one request
/// through to see.
///
/// In the client itself an answer of any status is none of those failures: the system is there, and knows best what it
/// refuses. Others decide for themselves what they count.
package final class CircuitBreaker: Sendable {
    /// How many of the latest requests may fail.
    package struct Share: Sendable {
        let failuresMax: Int
        let requests: Int
        let window: Duration

        /// - Parameters:
        ///   - failuresMax: so many failures of the latest requests open the circuit.
        ///   - requests: how many requests are looked at: no fewer.
        ///   - window: how long ago they may be.
        package init(failures failuresMax: Int, of requests: Int, within window: Duration) {
            self.failuresMax = failuresMax
            self.requests = requests
            self.window = window
        }
    }

    private struct Circuit {
        var failures = 0
        /// The latest requests and whether they failed, while a share counts.
        var latest: [(at: Duration, hasFailed: Bool)] = []
        /// When one request may go through again; nil while all may.
        var closedUntil: Duration?
        /// The latest failure, by which the oldest circuit makes room.
        var touched: Duration

        init(touched: Duration) { self.touched = touched }

        mutating func note(_ now: Duration, hasFailed: Bool, _ share: Share) {
            latest.append((now, hasFailed))
            latest.removeFirst(max(0, latest.count - share.requests))
            latest.removeAll { now - $0.at > share.window }
        }

        func exceeds(_ share: Share) -> Bool {
            latest.count == share.requests && latest.count(where: \.hasFailed) >= share.failuresMax
        }
    }

    /// Without a share only origins that fail are remembered, and never more than so many.
    private static let originsMax = 4_096

    private let failuresMax: Int
    private let pause: Duration
    private let share: Share?
    private let clock: any MonotonicClock
    private let circuits = Mutex<[String: Circuit]>([:])

    /// - Parameters:
    ///   - failuresMax: how many in a row open the circuit: 1 or more.
    ///   - pause: for how long.
    ///   - share: nil: only failures in a row count.
    package init(
        failuresMax: Int = 5, pause: Duration = .seconds(30), share: Share? = nil,
        clock: any MonotonicClock = SystemMonotonicClock()
    ) {
        self.failuresMax = failuresMax
        self.pause = pause
        self.share = share
        self.clock = clock
    }

    /// - Throws: `FetchFailure` of the kind `paused`.
    package func admit(_ origin: String) throws {
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

    package func succeeded(_ origin: String) {
        let now = clock.elapsed
        circuits.withLock { circuits in
            guard let share else { return circuits[origin] = nil }
            var circuit = circuits[origin] ?? Circuit(touched: now)
            // One that was let through to see shows that all is well again.
            if circuit.closedUntil != nil { circuit.latest = [] }
            circuit.failures = 0
            circuit.closedUntil = nil
            circuit.note(now, hasFailed: false, share)
            Self.keep(circuit, of: origin, in: &circuits)
        }
    }

    package func failed(_ origin: String) {
        let now = clock.elapsed
        circuits.withLock { circuits in
            var circuit = circuits[origin] ?? Circuit(touched: now)
            circuit.failures += 1
            circuit.touched = now
            if let share { circuit.note(now, hasFailed: true, share) }
            if circuit.failures >= failuresMax || share.map({ circuit.exceeds($0) }) == true {
                circuit.closedUntil = now + pause
            }
            Self.keep(circuit, of: origin, in: &circuits)
        }
    }

    private static func keep(_ circuit: Circuit, of origin: String, in circuits: inout [String: Circuit]) {
        if circuits[origin] == nil, circuits.count >= originsMax,
            let oldest = circuits.min(by: { $0.value.touched < $1.value.touched })
        {
            circuits.removeValue(forKey: oldest.key)
        }
        circuits[origin] = circuit
    }

    /// A request that was let through to see ended without showing anything: the next one may.
    package func abandoned(_ origin: String) {
        let now = clock.elapsed
        circuits.withLock { circuits in
            if circuits[origin]?.closedUntil != nil { circuits[origin]?.closedUntil = now }
        }
    }
}
