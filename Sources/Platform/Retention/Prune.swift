import SQL
import Shared

/// One kind of row that has an end: how long it stays, and how a bounded number of those that are over is removed.
package struct Prune: Sendable {
    /// Names it in the log: the table, as a rule.
    package let name: String
    /// How long a row stays.
    package let retention: Duration
    /// How many rows go at once at most.
    package let batch: Int
    private let removal: @Sendable (_ horizon: Timestamp, _ limit: Int) async throws -> Int

    /// - Parameters:
    ///   - batch: at least 1; fewer go at once where so many take too long.
    ///   - removal: removes at most `limit` rows that were over before `horizon`, in one transaction; returns how many.
    package init(
        _ name: String, retention: Duration, batch: Int = 500,
        removal: @escaping @Sendable (_ horizon: Timestamp, _ limit: Int) async throws -> Int
    ) {
        self.name = name
        self.retention = retention
        self.batch = batch
        self.removal = removal
    }

    /// - Parameter statement: deletes at most `limit` rows that were over before `horizon`.
    package init(
        _ name: String, in database: any Database, retention: Duration, batch: Int = 500,
        statement: @escaping @Sendable (_ horizon: Timestamp, _ limit: Int) -> Statement
    ) {
        self.init(name, retention: retention, batch: batch) { horizon, limit in
            try await database.write { try $0.execute(statement(horizon, limit)) }
        }
    }

    /// One batch.
    ///
    /// - Returns: how many rows were removed; 0 when nothing is left.
    /// - Throws: failures of the database.
    @discardableResult
    package func remove(at now: Timestamp, limit: Int = .max) async throws -> Int {
        try await removal(now - retention, min(limit, batch))
    }
}
