import Synchronization

/// When something was last read, looked at on every request without a lock.
package final class Recency: Sendable {
    /// Milliseconds; `never` at first.
    private let lastRead = Atomic<Int64>(Recency.never)
    private let patience: Int64

    private static let never = Int64.min

    /// - Parameter patience: without a successful read for so long a process does not know.
    package init(patience: Duration) {
        self.patience = patience.wholeMilliseconds
    }

    /// Whether reads come in time.
    package func isCurrent(at now: Timestamp) -> Bool {
        let lastRead = lastRead.load(ordering: .acquiring)
        guard lastRead != Self.never else { return false }
        // Behind a clock that was put back nobody knows how old a read is, until the next one.
        let age = now.milliseconds - lastRead
        return age < patience && -age < patience
    }

    /// When the last read began; nil before the first.
    package var last: Timestamp? {
        let lastRead = lastRead.load(ordering: .acquiring)
        return lastRead == Self.never ? nil : Timestamp(milliseconds: lastRead)
    }

    /// - Parameter now: when the read began.
    package func note(_ now: Timestamp) { lastRead.store(now.milliseconds, ordering: .releasing) }

    /// As if nothing had been read yet.
    package func forget() { lastRead.store(Self.never, ordering: .releasing) }
}
