import SQL
import Shared

/// The queues of an installation: how many jobs are in them, and which of them are paused.
package struct JobQueues: Sendable {
    package struct Status: Sendable, Equatable {
        package let name: String
        package let pausedAt: Timestamp?
        /// Of every state but `completed`: those are many, and no index has them.
        package let counts: [JobState: Int]
        /// When the job that waits longest became available.
        package let availableSince: Timestamp?
    }

    private let database: any Database
    private let clock: any WallClock

    package init(_ database: any Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    /// Each part in the words of the index that has these states and no others.
    static let counting: Statement = """
        SELECT queue, state, count(*), min(due_at) FROM jobs WHERE state = 'available' GROUP BY queue, state
        UNION ALL
        SELECT queue, state, count(*), min(due_at) FROM jobs WHERE state = 'running' GROUP BY queue, state
        UNION ALL
        SELECT queue, state, count(*), min(due_at) FROM jobs WHERE state IN ('scheduled', 'retryable')
        GROUP BY queue, state
        UNION ALL
        SELECT queue, state, count(*), min(due_at) FROM jobs
        WHERE state IN ('retryable', 'cancelled', 'discarded') AND state <> 'retryable'
        GROUP BY queue, state
        """

    /// No job of it starts any more; running ones go on.
    ///
    /// - Parameter note: runs in the transaction of the change.
    /// - Returns: false if it was paused already.
    package func pause(
        _ name: String, noting note: @escaping JobAdministration.Note = { _ in }
    ) async throws -> Bool {
        let now = clock.now
        return try await database.write { transaction in
            let count = try transaction.execute(
                """
                INSERT INTO job_queues (name, paused_at) VALUES (\(name), \(now))
                ON CONFLICT (name) DO UPDATE SET paused_at = excluded.paused_at WHERE job_queues.paused_at IS NULL
                """)
            if count == 1 { try note(transaction) }
            return count == 1
        }
    }

    /// - Parameter note: runs in the transaction of the change.
    /// - Returns: false if it was not paused.
    package func resume(
        _ name: String, noting note: @escaping JobAdministration.Note = { _ in }
    ) async throws -> Bool {
        try await database.write { transaction in
            let count = try transaction.execute(
                "UPDATE job_queues SET paused_at = NULL WHERE name = \(name) AND paused_at IS NOT NULL")
            if count == 1 { try note(transaction) }
            return count == 1
        }
    }

    /// Every queue that was ever paused or limited, or has a job that is not completed, by name. It reads no completed
    /// job, of which there may be millions.
    package func list() async throws -> [Status] {
        let (rows, paused) = try await database.read { transaction in
            let rows = try transaction.query(Self.counting) { row in
                (
                    queue: try row.text(0), state: JobState(rawValue: try row.text(1)), count: try row.integer(2),
                    since: try row.timestamp(3)
                )
            }
            let paused = try transaction.query("SELECT name, paused_at FROM job_queues") {
                (name: try $0.text(0), at: try $0.optionalTimestamp(1))
            }
            return (rows, paused)
        }
        let byQueue = Dictionary(grouping: rows, by: \.queue)
        let pausedAt = Dictionary(uniqueKeysWithValues: paused.map { ($0.name, $0.at) })
        return Set(byQueue.keys).union(pausedAt.keys).sorted().map { name in
            let rows = byQueue[name] ?? []
            return Status(
                name: name, pausedAt: pausedAt[name] ?? nil,
                counts: Dictionary(rows.compactMap { row in row.state.map { ($0, row.count) } }) { $1 },
                availableSince: rows.first { $0.state == .available }?.since)
        }
    }
}
