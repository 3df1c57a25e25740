import SQL
import Shared

/// What a run of a job came to.
enum JobResult: Sendable {
    case completed
    /// Becomes available again after a pause, or never after the last attempt.
    case failed(error: String, delay: Duration)
    case postponed(until: Timestamp)
    case cancelled(reason: String)
    /// It never started, or its process ended: nothing counts.
    case released
}

struct EndedJob: Sendable {
    let number: Int
    let fence: Int
    let result: JobResult
}

/// Writes what became of jobs. The fence keeps a worker out that lost a job meanwhile.
struct JobResults: Sendable {
    let database: any Database

    /// A key that holds for a period stays.
    private static let uniqueKeyAtEnd: Statement = "CASE WHEN unique_until IS NULL THEN NULL ELSE unique_key END"

    /// - Returns: the numbers of those that their worker still had.
    func settle(_ ended: [EndedJob], at now: Timestamp) async throws -> Set<Int> {
        let completed = ended.compactMap { job -> (number: Int, fence: Int)? in
            guard case .completed = job.result else { return nil }
            return (job.number, job.fence)
        }
        return try await database.write { transaction in
            var settled: Set<Int> = []
            if !completed.isEmpty {
                settled.formUnion(try Self.complete(completed, at: now, in: transaction))
            }
            for job in ended {
                guard let change = Self.change(by: job.result, at: now) else { continue }
                let count = try transaction.execute(
                    """
                    UPDATE jobs SET worker = NULL, \(change)
                    WHERE number = \(job.number) AND fence = \(job.fence) AND state = 'running'
                    """)
                if count == 1 { settled.insert(job.number) }
            }
            return settled
        }
    }

    /// One statement for any count.
    static func complete(
        _ claims: [(number: Int, fence: Int)], at now: Timestamp, in transaction: any SQLTransaction
    ) throws -> [Int] {
        let pairs = DialectText(
            sqlite: """
                SELECT json_extract(value, '$[0]') AS own_number, json_extract(value, '$[1]') AS own_fence FROM json_each(
                """,
            postgres: """
                SELECT (value->>0)::bigint AS own_number, (value->>1)::bigint AS own_fence FROM jsonb_array_elements(
                """)
        let list = "[\(claims.map { "[\($0.number),\($0.fence)]" }.joined(separator: ","))]"
        return try transaction.query(
            """
            UPDATE jobs SET state = 'completed', worker = NULL, finished_at = \(now), unique_key = \(uniqueKeyAtEnd)
            FROM (\(pairs)\(json: list))) AS own
            WHERE number = own_number AND fence = own_fence AND state = 'running'
            RETURNING number
            """
        ) { try $0.integer(0) }
    }

    static func change(by result: JobResult, at now: Timestamp) -> Statement? {
        switch result {
        case .completed: nil
        case .postponed(let moment):
            """
            attempts = attempts - 1, due_at = \(moment),
            state = CASE WHEN cancel_requested_at IS NULL THEN 'scheduled' ELSE 'cancelled' END,
            \(endIfCancelled(at: now))
            """
        case .released:
            """
            attempts = attempts - 1,
            state = CASE WHEN cancel_requested_at IS NULL THEN 'available' ELSE 'cancelled' END,
            \(endIfCancelled(at: now))
            """
        case .cancelled(let reason):
            "state = 'cancelled', error = \(reason), finished_at = \(now), unique_key = NULL"
        case .failed(let error, let delay):
            """
            error = \(error), due_at = \(now + delay),
            state = CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
                WHEN attempts >= attempts_max THEN 'discarded' ELSE 'retryable' END,
            finished_at = CASE WHEN cancel_requested_at IS NOT NULL OR attempts >= attempts_max
                THEN \(now) ELSE NULL END,
            unique_key = CASE WHEN cancel_requested_at IS NOT NULL OR attempts >= attempts_max
                THEN NULL ELSE unique_key END
            """
        }
    }

    private static func endIfCancelled(at now: Timestamp) -> Statement {
        """
        finished_at = CASE WHEN cancel_requested_at IS NULL THEN NULL ELSE \(now) END,
        unique_key = CASE WHEN cancel_requested_at IS NULL THEN unique_key ELSE NULL END
        """
    }
}
