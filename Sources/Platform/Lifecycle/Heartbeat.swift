import Synchronization

/// Wakes those who look again from time to time, all at the same moments: one turn of the processor for all of them in
/// place of one for each.
final class Heartbeat: Sendable {
    static let shared = Heartbeat()
    static let interval: Duration = .milliseconds(250)

    private let start = ContinuousClock.now
    private let waiting = Mutex<[Int: [Wakeup]]>([:])

    /// The last beat before a time-out of one interval or more is over.
    func beat(within timeout: Duration) -> Int {
        let end = ContinuousClock.now - start + min(timeout, .seconds(1_000_000_000))
        return Int(end / Self.interval)
    }

    func wake(_ wakeup: Wakeup, at beat: Int) {
        let isFirst = waiting.withLock { waiting in
            waiting[beat, default: []].append(wakeup)
            return waiting[beat]?.count == 1
        }
        if isFirst { Task { await self.wait(for: beat) } }
    }

    private func wait(for beat: Int) async {
        try? await Task.sleep(until: start + Self.interval * beat, clock: .continuous)
        for wakeup in waiting.withLock({ $0.removeValue(forKey: beat) }) ?? [] { wakeup.beat(beat) }
    }
}
