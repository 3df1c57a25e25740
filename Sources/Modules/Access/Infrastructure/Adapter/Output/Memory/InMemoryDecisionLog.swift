import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization

/// The last decisions of this process, for a while. Bounded: refusals and what was allowed each have a ring of their own,
/// so that a flood of one does not push the other out.
final class InMemoryDecisionLog: DecisionLog {
    private struct Ring {
        var records: [DecisionRecord] = []
        var next = 0

        mutating func add(_ record: DecisionRecord, capacity: Int) {
            if records.count < capacity {
                records.append(record)
            } else {
                records[next] = record
                next = (next + 1) % capacity
            }
        }
    }

    static let lifetime: Duration = .seconds(600)

    private let allowed = Mutex(Ring())
    private let refused = Mutex(Ring())
    private let capacity: Int
    private let clock: any WallClock

    /// - Parameter capacity: of each ring.
    init(clock: any WallClock, capacity: Int = 8_192) {
        self.clock = clock
        self.capacity = max(1, capacity)
    }

    func note(_ record: DecisionRecord) {
        if record.decision.isAllowed {
            allowed.withLock { $0.add(record, capacity: capacity) }
        } else {
            refused.withLock { $0.add(record, capacity: capacity) }
        }
    }

    func callAsFunction(_ id: DecisionID) -> DecisionRecord? {
        let found =
            refused.withLock { ring in ring.records.first { $0.decision.id == id } }
            ?? allowed.withLock { ring in ring.records.first { $0.decision.id == id } }
        guard let found, clock.now - found.decision.decidedAt < Self.lifetime else { return nil }
        return found
    }
}
