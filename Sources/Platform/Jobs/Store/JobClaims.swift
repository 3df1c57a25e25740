import SQL
import Shared

/// A job that a worker has, as it is in the table.
struct ClaimedJob: Sendable {
    let number: Int
    let id: JobID
    let kind: String
    let version: Int
    let arguments: String
    /// From 1.
    let attempt: Int
    let attemptsMax: Int
    let fence: Int
    let tick: Timestamp?

    fileprivate static let columns: Statement =
        "number, id, kind, version, arguments, attempts, attempts_max, fence, tick, priority, due_at"

    fileprivate static func read(_ row: Row) throws -> (job: ClaimedJob, priority: Int, dueAt: Timestamp) {
        var next = row.reader
        let job = ClaimedJob(
            number: try next.integer(), id: try next.id(), kind: try next.text(), version: try next.integer(),
            arguments: try next.json(), attempt: try next.integer(), attemptsMax: try next.integer(),
            fence: try next.integer(), tick: try next.optionalTimestamp())
        return (job, try next.integer(), try next.timestamp())
    }
}

/// Gives jobs to workers.
struct JobClaims: Sendable {
    let database: any Database
    /// Of this start of this process.
    let worker: Identifier
    /// Those that this program can do; others are left to programs that can.
    let kinds: [String]

    /// Takes the first jobs of a queue for this worker, if its own lease holds.
    ///
    /// - Parameters:
    ///   - now: what is due then.
    ///   - leaseTime: by the clock of the leases.
    /// - Returns: in the order in which they are to start.
    func claim(
        _ queue: JobQueue, limit: Int, at now: Timestamp, leaseTime: Timestamp
    ) async throws -> [ClaimedJob] {
        let claimed = try await database.write { transaction in
            guard queue.isShared else {
                return try transaction.query(claiming(queue, limit, now, leaseTime), ClaimedJob.read)
            }
            var admission = try QueueAdmission(queue, at: now, in: transaction)
            let count = min(limit, admission.room)
            guard count > 0 else { return [] }
            let claimed = try transaction.query(claiming(queue, count, now, leaseTime), ClaimedJob.read)
            try admission.note(claimed.count, in: transaction)
            return claimed
        }
        return claimed.sorted { ($0.priority, $0.dueAt, $0.job.number) < ($1.priority, $1.dueAt, $1.job.number) }
            .map(\.job)
    }

    private func claiming(_ queue: JobQueue, _ count: Int, _ now: Timestamp, _ leaseTime: Timestamp) -> Statement {
        """
        WITH chosen AS MATERIALIZED (
            SELECT number FROM jobs
            WHERE queue = \(queue.name) AND state = 'available' AND due_at <= \(now) AND kind IN (\(list: kinds))
                AND EXISTS (
                    SELECT 1 FROM job_workers AS own WHERE own.id = \(worker) AND own.lease_until > \(leaseTime))
                AND NOT EXISTS (
                    SELECT 1 FROM job_queues AS own WHERE own.name = \(queue.name) AND own.paused_at IS NOT NULL)
            ORDER BY priority, due_at, number LIMIT \(count)\(forUpdateSkipLocked))
        UPDATE jobs SET state = 'running', worker = \(worker), attempts = attempts + 1, fence = fence + 1,
            attempted_at = \(now)
        WHERE number IN (SELECT number FROM chosen)
        RETURNING \(ClaimedJob.columns)
        """
    }
}

/// What a queue's limits let start now; holds its row, so that processes decide one after the other.
private struct QueueAdmission {
    private let queue: JobQueue
    private let now: Timestamp
    /// When the next job may start if they start one by one (the theoretical arrival time of GCRA).
    private let nextStartAt: Timestamp
    let room: Int

    init(_ queue: JobQueue, at now: Timestamp, in transaction: any SQLTransaction) throws {
        try transaction.submit("INSERT INTO job_queues (name) VALUES (\(queue.name)) ON CONFLICT DO NOTHING")
        let stored = try transaction.first(
            "SELECT next_start_at FROM job_queues WHERE name = \(queue.name)\(forUpdate)"
        ) { try $0.optionalTimestamp(0) }
        self.queue = queue
        self.now = now
        nextStartAt = max((stored ?? nil) ?? now, now)
        var room = Int.max
        if let limit = queue.limit {
            let running = try transaction.first(
                "SELECT count(*) FROM jobs WHERE queue = \(queue.name) AND state = 'running'"
            ) { try $0.integer(0) }
            room = limit - (running ?? 0)
        }
        if let rate = queue.rate {
            let ahead = now + rate.period - nextStartAt
            room = min(room, Int(ahead / max(rate.interval, .milliseconds(1))))
        }
        self.room = room
    }

    mutating func note(_ count: Int, in transaction: any SQLTransaction) throws {
        guard let rate = queue.rate, count > 0 else { return }
        let next = nextStartAt + rate.interval * count
        try transaction.submit("UPDATE job_queues SET next_start_at = \(next) WHERE name = \(queue.name)")
    }
}
