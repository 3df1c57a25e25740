import Glibc
import Shared
import Synchronization

/// Milliseconds of the system's coarse monotonic clock: a few nanoseconds to read, a few milliseconds exact.
struct CoarseInstant: Comparable {
    let milliseconds: UInt64

    static var now: CoarseInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return CoarseInstant(milliseconds: UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000)
    }

    static func < (left: CoarseInstant, right: CoarseInstant) -> Bool { left.milliseconds < right.milliseconds }

    static func + (instant: CoarseInstant, milliseconds: UInt64) -> CoarseInstant {
        CoarseInstant(milliseconds: instant.milliseconds + milliseconds)
    }
}

/// Until when a connection must have made its next step. Written by its HTTP thread at every step of every
/// request and read by the sweeper, so it is one atomic word.
struct Deadline: ~Copyable {
    enum Expectation: Equatable {
        /// Nothing is expected of the client: a handler is at work.
        case nothing
        /// The next request, or nothing more; such a connection can be closed without loss.
        case request(by: CoarseInstant)
        /// The rest of a request, or that it takes the answer.
        case progress(by: CoarseInstant)
    }

    // Milliseconds times two, plus one while idle; all ones for none.
    private let word = Atomic<UInt64>(.max)

    func clear() { word.store(.max, ordering: .relaxed) }

    func expectRequest(within milliseconds: UInt64) {
        word.store((CoarseInstant.now + milliseconds).milliseconds << 1 | 1, ordering: .relaxed)
    }

    func expectProgress(within milliseconds: UInt64) {
        word.store((CoarseInstant.now + milliseconds).milliseconds << 1, ordering: .relaxed)
    }

    var expectation: Expectation {
        let value = word.load(ordering: .relaxed)
        if value == .max { return .nothing }
        let instant = CoarseInstant(milliseconds: value >> 1)
        return value & 1 == 1 ? .request(by: instant) : .progress(by: instant)
    }
}

/// The durations of the settings, ready for the hot path: milliseconds.
struct Patience: Sendable {
    let head: UInt64
    let body: UInt64
    let idle: UInt64
    let send: UInt64
    let disconnect: UInt64

    init(_ settings: HTTPServerSettings) {
        func milliseconds(_ duration: Duration) -> UInt64 { UInt64(max(0, duration.wholeMilliseconds)) }
        head = milliseconds(settings.headDeadline)
        body = milliseconds(settings.bodyDeadline)
        idle = milliseconds(settings.idleTimeout)
        send = milliseconds(settings.sendDeadline)
        disconnect = milliseconds(settings.disconnectGrace)
    }
}
