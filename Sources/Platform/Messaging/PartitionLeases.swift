import SQL
import Shared
import Synchronization

/// Shares the outbox's partitions out among the processes that relay. Who wants to relay a partition takes it for a
/// while; nobody else does meanwhile, and if he dies, somebody else does afterwards.
final class PartitionLeases: Sendable {
    struct Lease: Sendable {
        /// Grows with every taking of the partition, by whomever.
        let fence: Int
        let until: Timestamp
    }

    /// This process's relay.
    let owner: Identifier
    private let database: any Database
    private let held = Mutex<[Int: Lease]>([:])

    static let partitionCount = 16
    /// Longer than a batch takes; events of a process that was killed wait so long.
    static let term: Duration = .seconds(10)
    /// Clocks differ: a lease is not used in its last seconds, but taken again before.
    private static let margin: Duration = .seconds(4)
    /// At once, so that a process does not take everything before others have woken.
    private static let takenAtOnceMax = partitionCount / 2

    init(owner: Identifier, database: any Database) {
        self.owner = owner
        self.database = database
    }

    static func partition(of subject: Identifier) -> Int { Int(subject.low % UInt64(partitionCount)) }

    /// Takes what of these partitions is free and not held yet.
    ///
    /// - Returns: those of them that this process holds now.
    func hold(_ wanted: Set<Int>, at now: Timestamp) async throws -> [Int: Lease] {
        let usable = held.withLock { held in
            held = held.filter { now + Self.margin < $0.value.until }
            return held
        }
        // In one order, so that two who take several do not wait for each other.
        let missing = wanted.subtracting(usable.keys).sorted().prefix(Self.takenAtOnceMax)
        guard !missing.isEmpty else { return usable.filter { wanted.contains($0.key) } }
        let (owner, until) = (owner, now + Self.term)
        let taken = try await database.write { transaction in
            var taken: [Int: Lease] = [:]
            for partition in missing {
                let fence = try transaction.first(
                    """
                    INSERT INTO outbox_leases (partition, owner, fence, lease_until)
                    VALUES (\(partition), \(owner), 1, \(until))
                    ON CONFLICT (partition) DO UPDATE SET owner = excluded.owner, fence = outbox_leases.fence + 1,
                        lease_until = excluded.lease_until
                    WHERE outbox_leases.owner = excluded.owner OR outbox_leases.lease_until <= \(now)
                    RETURNING fence
                    """
                ) { try $0.integer(0) }
                if let fence { taken[partition] = Lease(fence: fence, until: until) }
            }
            return taken
        }
        return held.withLock { held in
            held.merge(taken) { $1 }
            return held.filter { wanted.contains($0.key) }
        }
    }

    /// Lets everything go, so that others need not wait for the end of the term.
    func release() async throws {
        guard held.withLock({ !$0.isEmpty }) else { return }
        let owner = owner
        try await database.write { try $0.submit("DELETE FROM outbox_leases WHERE owner = \(owner)") }
        held.withLock { $0 = [:] }
    }
}
