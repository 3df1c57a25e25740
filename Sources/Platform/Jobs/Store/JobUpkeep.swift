import SQL
import Shared

/// Brings jobs on that only wait for time to pass, and removes finished ones.
struct JobUpkeep: Sendable {
    let database: any Database

    static let batchSize = 1_000

    /// What was scheduled or failed becomes available at its time.
    ///
    /// - Returns: the queues of one batch, once for each of its jobs.
    func promote(at now: Timestamp) async throws -> [String] {
        let isNeeded = try await database.read { transaction in
            try transaction.first(
                "SELECT number FROM jobs WHERE state IN ('scheduled', 'retryable') AND due_at <= \(now) LIMIT 1"
            ) { try $0.integer(0) } != nil
        }
        guard isNeeded else { return [] }
        return try await database.write { transaction in
            try transaction.query(
                """
                WITH chosen AS MATERIALIZED (
                    SELECT number FROM jobs WHERE state IN ('scheduled', 'retryable') AND due_at <= \(now)
                    ORDER BY due_at LIMIT \(Self.batchSize)\(forUpdateSkipLocked))
                UPDATE jobs SET state = 'available' WHERE number IN (SELECT number FROM chosen)
                RETURNING queue
                """
            ) { try $0.text(0) }
        }
    }

    /// Removes one batch of jobs that were finished long ago and whose key holds no more.
    ///
    /// - Returns: how many.
    func prune(_ retention: JobRetention, at now: Timestamp) async throws -> Int {
        let (completed, failed) = (now - retention.completed, now - retention.failed)
        return try await database.write { transaction in
            try transaction.execute(
                """
                WITH chosen AS MATERIALIZED (
                    SELECT number FROM jobs
                    WHERE finished_at IS NOT NULL AND finished_at < \(max(completed, failed))
                        AND (state = 'completed' AND finished_at < \(completed)
                            OR state <> 'completed' AND finished_at < \(failed))
                        AND (unique_key IS NULL OR unique_until IS NULL OR unique_until <= \(now))
                    ORDER BY finished_at LIMIT \(Self.batchSize)\(forUpdateSkipLocked))
                DELETE FROM jobs WHERE number IN (SELECT number FROM chosen)
                """)
        }
    }
}

/// How long finished jobs can still be looked at.
package struct JobRetention: Sendable, Equatable {
    package let completed: Duration
    /// Cancelled and discarded ones.
    package let failed: Duration

    package init(completed: Duration = .seconds(86_400), failed: Duration = .seconds(14 * 86_400)) {
        self.completed = completed
        self.failed = failed
    }
}
