/// Measures spans within one process. It never goes back and takes no part in corrections of the time of day, so a
/// limit that is kept in memory ends when it should.
package protocol MonotonicClock: Sendable {
    /// Since a moment that stays the same while the process lives.
    var elapsed: Duration { get }
}

/// The machine's, which goes on while it sleeps.
package struct SystemMonotonicClock: MonotonicClock {
    private let start = ContinuousClock.now

    package init() {}

    package var elapsed: Duration { ContinuousClock.now - start }
}
