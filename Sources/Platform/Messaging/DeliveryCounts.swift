import Synchronization

/// How many events this process delivered to its groups since its start, and how many deliveries failed.
package final class DeliveryCounts: Sendable {
    package enum Outcome: String, Sendable, CaseIterable {
        case delivered
        /// It will be tried again.
        case failed
        /// It became a dead letter.
        case givenUp = "given_up"
    }

    private struct Key: Hashable {
        let group: String
        let outcome: Outcome
    }

    private let counts = Mutex<[Key: Int]>([:])

    func add(_ outcome: Outcome, of group: String) { add(1, outcome, of: group) }

    func add(_ count: Int, _ outcome: Outcome, of group: String) {
        counts.withLock { $0[Key(group: group, outcome: outcome), default: 0] += count }
    }

    package func count(_ outcome: Outcome, of group: String) -> Int {
        counts.withLock { $0[Key(group: group, outcome: outcome)] ?? 0 }
    }
}
