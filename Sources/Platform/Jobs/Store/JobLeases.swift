import SQL
import Shared

/// Keeps the jobs of this worker, and takes those of dead ones over.
struct JobLeases: Sendable {
    let database: any Database
    let worker: Identifier
    let kinds: [String]

    /// A killed worker's jobs wait so long, and then for the next look of another one.
    static let term: Duration = .seconds(20)
    /// How often a worker says that it lives, and looks for dead ones.
    static let interval: Duration = .seconds(5)
    /// Rows of workers that are gone for good are kept so long.
    private static let memory: Duration = .seconds(86_400)

    /// Says that this worker lives.
    ///
    /// - Parameter now: by the clock of the leases.
    func renew(startedAt: Timestamp, at now: Timestamp) async throws {
        try await database.write { transaction in
            try transaction.submit(
                """
                INSERT INTO job_workers (id, started_at, lease_until)
                VALUES (\(worker), \(startedAt), \(now + Self.term))
                ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until
                """)
        }
    }

    /// This worker has no jobs any more.
    func end() async throws {
        try await database.write { try $0.submit("DELETE FROM job_workers WHERE id = \(worker)") }
    }

    /// Jobs of this worker that somebody wants cancelled.
    func cancelled() async throws -> [Int] {
        try await database.read { transaction in
            try transaction.query(
                """
                SELECT number FROM jobs
                WHERE state = 'running' AND worker = \(worker) AND cancel_requested_at IS NOT NULL
                """
            ) { try $0.integer(0) }
        }
    }

    /// Fails the jobs of workers that do not live any more, so that they run again: the first two times at once, then
    /// with the pause of a failure, because a job may be what kills its process. Kinds that this program does not know
    /// are left to one that does.
    ///
    /// - Parameter leaseTime: by the clock of the leases.
    /// - Returns: how many.
    func takeOver(
        at now: Timestamp, leaseTime: Timestamp, delay: @escaping @Sendable (_ kind: String, _ attempt: Int) -> Duration
    ) async throws -> Int {
        let orphaned: Statement = """
            state = 'running' AND worker <> \(worker) AND kind IN (\(list: kinds)) AND NOT EXISTS (
                SELECT 1 FROM job_workers AS other WHERE other.id = worker AND other.lease_until > \(leaseTime))
            """
        // Most looks find nothing, and a read does not wait for writers.
        let isNeeded = try await database.read { transaction in
            try transaction.first("SELECT number FROM jobs WHERE \(orphaned) LIMIT 1") { try $0.integer(0) } != nil
        }
        guard isNeeded else { return 0 }
        return try await database.write { transaction in
            let orphans = try transaction.query(
                """
                SELECT number, fence, kind, attempts FROM jobs WHERE \(orphaned)
                ORDER BY number LIMIT 1000\(forUpdateSkipLocked)
                """
            ) {
                (number: try $0.integer(0), fence: try $0.integer(1), kind: try $0.text(2), attempt: try $0.integer(3))
            }
            for orphan in orphans {
                let pause = orphan.attempt <= 2 ? .zero : delay(orphan.kind, orphan.attempt)
                let change = JobResults.change(by: .failed(error: Self.death, delay: pause), at: now)
                guard let change else { continue }
                try transaction.submit(
                    """
                    UPDATE jobs SET worker = NULL, \(change)
                    WHERE number = \(orphan.number) AND fence = \(orphan.fence) AND state = 'running'
                    """)
            }
            return orphans.count
        }
    }

    /// The error of a job whose worker was killed.
    static let death = "its process ended without a word while it ran"

    /// Forgets workers that are gone.
    func prune(leaseTime: Timestamp) async throws {
        try await database.write {
            try $0.submit("DELETE FROM job_workers WHERE lease_until < \(leaseTime - Self.memory)")
        }
    }
}
