import Messaging
import SQL
import Shared

/// A job on its way into the table.
struct NewJob: Sendable {
    let id: JobID
    let kind: String
    let queue: String
    let version: Int
    let arguments: String
    let attemptsMax: Int
    let createdAt: Timestamp
    var priority: Int
    var dueAt: Timestamp
    var uniqueKey: String?
    var uniqueUntil: Timestamp?
    var schedule: String?
    var tick: Timestamp?

    init<J: Job>(_ job: J, id: JobID, at now: Timestamp) throws {
        self.id = id
        kind = J.kind
        queue = J.queue
        version = J.version
        arguments = try EventCoding.encode(job)
        attemptsMax = J.retries.attemptsMax
        createdAt = now
        priority = J.priority
        dueAt = now
    }

    func insert(in transaction: any SQLTransaction) throws -> Enqueued {
        guard let uniqueKey else {
            try transaction.submit(insertion)
            return .made(id)
        }
        // One that was finished between two looks leaves neither a conflict nor a row.
        for _ in 0..<3 {
            try transaction.submit(
                """
                UPDATE jobs SET unique_key = NULL
                WHERE unique_key = \(uniqueKey) AND unique_until <= \(createdAt) AND finished_at IS NOT NULL
                """)
            if try transaction.execute("\(insertion) ON CONFLICT DO NOTHING") == 1 { return .made(id) }
            let first = try transaction.first("SELECT id FROM jobs WHERE unique_key = \(uniqueKey)") {
                try $0.id(0, as: JobID.self)
            }
            if let first { return .duplicate(of: first) }
        }
        throw Unavailable("database", reason: "equal jobs of kind \(kind) come and go too fast")
    }

    func insertOfTick(in transaction: any SQLTransaction) throws -> JobID? {
        try transaction.execute("\(insertion) ON CONFLICT DO NOTHING") == 1 ? id : nil
    }

    private var insertion: Statement {
        let state: JobState = dueAt > createdAt ? .scheduled : .available
        return """
            INSERT INTO jobs (id, kind, queue, version, arguments, state, priority, due_at, attempts, attempts_max,
                fence, unique_key, unique_until, schedule, tick, created_at)
            VALUES (\(id), \(kind), \(queue), \(version), \(json: arguments), \(state.rawValue), \(priority), \(dueAt),
                0, \(attemptsMax), 0, \(uniqueKey), \(uniqueUntil), \(schedule), \(tick), \(createdAt))
            """
    }
}
