import SQL
import Shared
import Synchronization

/// Shares partitions out among processes, for each consumer group and for handing over from the outbox. A process that
/// wants to work a partition off takes it for a while; nobody else does meanwhile, and when it dies, somebody else does
/// afterwards.
final class EventLeases: Sendable {
    struct Key: Hashable, Comparable, Sendable {
        let group: String
        let partition: Int

        static func < (left: Key, right: Key) -> Bool {
            (left.partition, left.group) < (right.partition, right.group)
        }
    }

    struct Lease: Sendable {
        /// Grows whenever the partition goes to another process, or comes back after the end of its term.
        let fence: Int
        let until: Timestamp
    }

    private struct State {
        var held: [Key: Lease] = [:]
        /// What others held, and until when it is not asked for again.
        var refused: [Key: Timestamp] = [:]
    }

    /// This process.
    let owner: Identifier
    private let database: any Database
    private let state = Mutex(State())

    /// In the place of a group: who hands over from the outbox.
    static let outbox = ""
    /// Longer than a batch takes; events of a process that was killed wait so long.
    static let term: Duration = .seconds(10)
    /// Clocks differ: a lease is not used in its last seconds, but taken again before.
    private static let margin: Duration = .seconds(4)
    private static let pause: Duration = .seconds(1)
    /// At once, so that a process does not take everything before others have woken.
    private static let partitionsAtOnceMax = EventPartition.count / 2

    init(owner: Identifier, database: any Database) {
        self.owner = owner
        self.database = database
    }

    /// Takes what of these partitions is free and not held yet: for the outbox and groups of one process at once, so
    /// that identical processes have whole partitions.
    ///
    /// - Returns: those of them that this process holds now.
    func hold(_ wanted: Set<Key>, at now: Timestamp) async throws -> [Key: Lease] {
        let missing = state.withLock { state in
            state.held = state.held.filter { now + Self.margin < $0.value.until }
            state.refused = state.refused.filter { now < $0.value }
            return wanted.filter { state.held[$0] == nil && state.refused[$0] == nil }.sorted()
        }
        let partitions = Set(Set(missing.map(\.partition)).sorted().prefix(Self.partitionsAtOnceMax))
        // In one order, so that two who take several do not wait for each other.
        let asked = missing.filter { partitions.contains($0.partition) }
        let taken = asked.isEmpty ? [:] : try await take(asked, at: now)
        return state.withLock { state in
            state.held.merge(taken) { $1 }
            for key in asked where taken[key] == nil { state.refused[key] = now + Self.pause }
            return state.held.filter { wanted.contains($0.key) }
        }
    }

    private func take(_ keys: [Key], at now: Timestamp) async throws -> [Key: Lease] {
        let (owner, until) = (owner, now + Self.term)
        let rows = keys.map { key -> Statement in "(\(key.group), \(key.partition), \(owner), 1, \(until))" }
            .joined(by: ", ")
        let taken = try await database.write { transaction in
            try transaction.query(
                """
                INSERT INTO event_leases (group_name, partition, owner, fence, lease_until) VALUES \(rows)
                ON CONFLICT (group_name, partition) DO UPDATE SET
                    owner = excluded.owner, lease_until = excluded.lease_until,
                    fence = event_leases.fence
                        + CASE WHEN event_leases.owner = excluded.owner AND event_leases.lease_until > \(now)
                            THEN 0 ELSE 1 END
                WHERE event_leases.owner = excluded.owner OR event_leases.lease_until <= \(now)
                RETURNING group_name, partition, fence
                """
            ) {
                (
                    Key(group: try $0.text(0), partition: try $0.integer(1)),
                    Lease(fence: try $0.integer(2), until: until)
                )
            }
        }
        return Dictionary(uniqueKeysWithValues: taken)
    }

    /// Lets groups' leases go that this process has only for parked events: whoever relays the partition can have them.
    func releaseUnrelayed(_ keys: Set<Key>) async throws {
        let released = state.withLock { state in
            let released = keys.filter {
                state.held[$0] != nil && state.held[Key(group: Self.outbox, partition: $0.partition)] == nil
            }
            for key in released { state.held[key] = nil }
            return released.sorted()
        }
        guard !released.isEmpty else { return }
        let owner = owner
        try await database.write { transaction in
            for key in released {
                try transaction.submit(
                    """
                    UPDATE event_leases SET lease_until = \(Timestamp(milliseconds: 0))
                    WHERE group_name = \(key.group) AND partition = \(key.partition) AND owner = \(owner)
                    """)
            }
        }
    }

    /// Lets everything go, so that others need not wait for the end of the term.
    func release() async throws {
        guard state.withLock({ !$0.held.isEmpty }) else { return }
        let owner = owner
        try await database.write { try $0.submit("DELETE FROM event_leases WHERE owner = \(owner)") }
        state.withLock { $0 = State() }
    }

    /// A condition on a row `lease`: it is one of these, and nobody took it since.
    static func isHeld(by owner: Identifier, _ leases: [Key: Lease]) -> Statement {
        let each = leases.sorted { $0.key < $1.key }.map { key, lease -> Statement in
            """
            (lease.group_name = \(key.group) AND lease.partition = \(key.partition) AND lease.fence = \(lease.fence))
            """
        }
        return "lease.owner = \(owner) AND (\(each.isEmpty ? "1 = 0" : each.joined(by: " OR ")))"
    }
}
