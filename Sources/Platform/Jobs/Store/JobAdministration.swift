import SQL
import Shared

/// A job as an operator sees it.
package struct JobRecord: Sendable, Equatable {
    package let id: JobID
    package let kind: String
    package let queue: String
    package let state: JobState
    /// JSON.
    package let arguments: String
    package let priority: Int
    package let attempts: Int
    package let attemptsMax: Int
    package let dueAt: Timestamp
    /// Of the last failed attempt.
    package let error: String?
    package let schedule: String?
    package let tick: Timestamp?
    package let createdAt: Timestamp
    package let attemptedAt: Timestamp?
    package let finishedAt: Timestamp?
    /// It runs and ends as soon as its worker notices.
    package let isBeingCancelled: Bool

    fileprivate static let columns: Statement = """
        id, kind, queue, state, arguments, priority, attempts, attempts_max, due_at, error, schedule, tick, created_at,
        attempted_at, finished_at, cancel_requested_at
        """

    fileprivate init(_ row: Row) throws {
        var next = row.reader
        id = try next.id()
        kind = try next.text()
        queue = try next.text()
        let state = try next.text()
        guard let known = JobState(rawValue: state) else { throw InternalFailure("a job has the state \(state)") }
        self.state = known
        arguments = try next.json()
        priority = try next.integer()
        attempts = try next.integer()
        attemptsMax = try next.integer()
        dueAt = try next.timestamp()
        error = try next.optionalText()
        schedule = try next.optionalText()
        tick = try next.optionalTimestamp()
        createdAt = try next.timestamp()
        attemptedAt = try next.optionalTimestamp()
        finishedAt = try next.optionalTimestamp()
        isBeingCancelled = try next.optionalTimestamp() != nil && known == .running
    }
}

/// Which jobs are looked for; nil does not matter.
package struct JobFilter: Sendable, Equatable {
    package let state: JobState?
    package let queue: String?
    package let kind: String?

    package init(state: JobState? = nil, queue: String? = nil, kind: String? = nil) {
        self.state = state
        self.queue = queue
        self.kind = kind
    }
}

/// What operators see of jobs, and do with them.
package struct JobAdministration: Sendable {
    package enum Change: Sendable, Equatable {
        case done
        case unknown
        /// Not in this state.
        case refused(JobState)
    }

    /// What else is written with a change: who made it.
    package typealias Note = @Sendable (any SQLTransaction) throws -> Void

    private let database: any Database
    private let clock: any WallClock

    package init(_ database: any Database, clock: any WallClock) {
        self.database = database
        self.clock = clock
    }

    /// The latest first.
    package func list(
        _ filter: JobFilter, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<JobRecord, NewestFirst> {
        var conditions: [Statement] = ["1 = 1"]
        if let state = filter.state {
            conditions.append("state = \(Self.literal(state))")
            // As the index of failed jobs has it: SQLite does not see that it follows.
            let failed: Set<JobState> = [.retryable, .cancelled, .discarded]
            if failed.contains(state) { conditions.append("state IN ('retryable', 'cancelled', 'discarded')") }
        }
        if let queue = filter.queue { conditions.append("queue = \(queue)") }
        if let kind = filter.kind { conditions.append("kind = \(kind)") }
        if let last = part.after { conditions.append("id < \(last.id)") }
        let filters = conditions.joined(by: " AND ")
        let records = try await database.read { transaction in
            try transaction.query(
                "SELECT \(JobRecord.columns) FROM jobs WHERE \(filters) ORDER BY id DESC LIMIT \(part.limit + 1)",
                JobRecord.init)
        }
        return Page(overfetched: records, limit: part.limit) { NewestFirst($0.id) }
    }

    package func find(_ id: JobID) async throws -> JobRecord? {
        try await database.read { transaction in
            try transaction.first("SELECT \(JobRecord.columns) FROM jobs WHERE id = \(id)", JobRecord.init)
        }
    }

    /// Makes a job that waits or failed available at once, with all its attempts before it.
    ///
    /// - Parameter note: runs in the transaction of the change.
    package func retry(_ id: JobID, noting note: @escaping Note = { _ in }) async throws -> Change {
        let now = clock.now
        return try await change(id, from: [.scheduled, .retryable, .cancelled, .discarded], note) { transaction, _ in
            try transaction.submit(
                """
                UPDATE jobs SET state = 'available', due_at = \(now), attempts = 0, finished_at = NULL,
                    cancel_requested_at = NULL
                WHERE id = \(id)
                """)
        }
    }

    /// Cancels a job that waits; one that runs is told to end, which its worker notices within seconds.
    ///
    /// - Parameter note: runs in the transaction of the change.
    package func cancel(_ id: JobID, noting note: @escaping Note = { _ in }) async throws -> Change {
        let now = clock.now
        return try await change(id, from: [.available, .scheduled, .retryable, .running], note) { transaction, state in
            guard state != .running else {
                return try transaction.submit("UPDATE jobs SET cancel_requested_at = \(now) WHERE id = \(id)")
            }
            try transaction.submit(
                """
                UPDATE jobs SET state = 'cancelled', finished_at = \(now), cancel_requested_at = \(now),
                    unique_key = NULL
                WHERE id = \(id)
                """)
        }
    }

    private func change(
        _ id: JobID, from states: Set<JobState>, _ note: @escaping Note,
        _ body: @escaping @Sendable (any SQLTransaction, JobState) throws -> Void
    ) async throws -> Change {
        try await database.write { transaction in
            let text = try transaction.first("SELECT state FROM jobs WHERE id = \(id)\(forUpdate)") { try $0.text(0) }
            guard let state = text.flatMap(JobState.init(rawValue:)) else { return .unknown }
            guard states.contains(state) else { return .refused(state) }
            try body(transaction, state)
            try note(transaction)
            return .done
        }
    }

    /// The planner has to see it to use the index of a state.
    private static func literal(_ state: JobState) -> Statement {
        switch state {
        case .available: "'available'"
        case .scheduled: "'scheduled'"
        case .running: "'running'"
        case .retryable: "'retryable'"
        case .completed: "'completed'"
        case .cancelled: "'cancelled'"
        case .discarded: "'discarded'"
        }
    }
}
