import SQL
import Shared

/// The consumer groups of an installation: every event is owed to each of them, whether it runs just now or not.
package struct ConsumerGroups: Sendable {
    /// How a group is.
    package struct Status: Sendable, Equatable {
        package let name: String
        package let registeredAt: Timestamp
        /// When a process last said that it runs the group.
        package let lastRunAt: Timestamp
        /// Events that it still has to have: failed ones, those behind them, and those of the time without it.
        package let parked: Int
        /// Those of them that failed; the others wait behind one, or for the group to run.
        package let failing: Int
        /// When the oldest of the parked ones happened.
        package let oldestAt: Timestamp?
        /// Events that it gave up.
        package let deadLetters: Int

        /// Whether no process has run it for so long that somebody has to look.
        package func isIdle(at now: Timestamp) -> Bool { now - lastRunAt > ConsumerGroups.idleAfter }
    }

    package enum Removal: Sendable, Equatable {
        /// With so many events that it did not have yet.
        case removed(parked: Int)
        /// A process runs it.
        case isRunning
        case unknown
    }

    private let database: any Database

    /// How often a process says that it runs its groups.
    static let interval: Duration = .seconds(30)
    /// Who was silent for so long does not run.
    static let silence: Duration = .seconds(120)
    /// A group that nobody has run for so long is reported.
    static let idleAfter: Duration = .seconds(7 * 86_400)

    package init(_ database: any Database) {
        self.database = database
    }

    /// Says that these groups run.
    ///
    /// - Parameter isStart: whether the process has just started: what it hears of counts from now on.
    func note(_ groups: [ConsumerGroup], at now: Timestamp, isStart: Bool) async throws {
        let rows = try groups.map { (name: $0.name, types: try $0.types.map { try EventCoding.encode($0.sorted()) }) }
        try await database.write { transaction in
            for row in rows {
                let types: Statement = isStart ? ", types = excluded.types" : ""
                try transaction.submit(
                    """
                    INSERT INTO consumer_groups (name, types, registered_at, last_run_at)
                    VALUES (\(row.name), \(row.types), \(now), \(now))
                    ON CONFLICT (name) DO UPDATE SET last_run_at = excluded.last_run_at\(types)
                    """)
            }
        }
    }

    /// Every group, by name.
    package func list() async throws -> [Status] {
        try await database.read { transaction in
            try transaction.query(
                """
                SELECT name, registered_at, last_run_at, count(id), count(id) FILTER (WHERE attempts > 0), min(time),
                    (SELECT count(*) FROM dead_letters WHERE dead_letters.group_name = name)
                FROM consumer_groups LEFT JOIN parked_events ON parked_events.group_name = name
                GROUP BY name, registered_at, last_run_at ORDER BY name
                """
            ) { row in
                var next = row.reader
                return Status(
                    name: try next.text(), registeredAt: try next.timestamp(), lastRunAt: try next.timestamp(),
                    parked: try next.integer(), failing: try next.integer(),
                    oldestAt: try next.optionalTimestamp(), deadLetters: try next.integer())
            }
        }
    }

    /// Ends a group that no process runs: nothing is owed to it any more, and what was parked for it is gone.
    ///
    /// - Parameter note: runs in the transaction of the change.
    package func remove(
        _ name: String, at now: Timestamp,
        noting note: @escaping @Sendable (any SQLTransaction) throws -> Void = { _ in }
    ) async throws -> Removal {
        try await database.write { transaction in
            let lastRun = try transaction.first(
                "SELECT last_run_at FROM consumer_groups WHERE name = \(name)\(forUpdate)"
            ) { try $0.timestamp(0) }
            guard let lastRun else { return .unknown }
            guard now - lastRun > Self.silence else { return .isRunning }
            let parked = try transaction.execute("DELETE FROM parked_events WHERE group_name = \(name)")
            try transaction.submit("DELETE FROM event_leases WHERE group_name = \(name)")
            try transaction.submit("DELETE FROM consumer_groups WHERE name = \(name)")
            try note(transaction)
            return .removed(parked: parked)
        }
    }

    /// How many events wait in the outbox, since when, and how many letters are dead.
    func counts() async throws -> (waiting: Int, waitingSince: Timestamp?, dead: Int) {
        try await database.read { transaction in
            try transaction.first(
                """
                SELECT (SELECT count(*) FROM outbox_events), (SELECT count(*) FROM dead_letters),
                    (SELECT time FROM outbox_events ORDER BY number LIMIT 1)
                """
            ) {
                (
                    waiting: try $0.integer(0), waitingSince: try $0.optionalTimestamp(2), dead: try $0.integer(1)
                )
            } ?? (waiting: 0, waitingSince: nil, dead: 0)
        }
    }
}
