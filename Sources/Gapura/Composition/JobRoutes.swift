import Audit
import Authorization
import HTTP
import JSON
import Jobs
import Lists
import SQL
import Shared

/// What may be done with jobs over HTTP. On the whole platform: jobs belong to nobody.
enum JobPermission {
    static let read = DeclaredPermission("jobs", "read", reach: .platform)
    static let write = DeclaredPermission("jobs", "write", reach: .platform)

    static let all = [read, write]
}

extension ProblemKind {
    static let jobState = ProblemKind(409, "job_state", "The job is in another state")
}

/// Jobs and their queues, for operators.
struct JobRoutes: Sendable {
    let jobs: JobAdministration
    let auditLog: AuditLog
    let gate: any Gate
    let cursors: ListCursors

    private static let tag = "Jobs"

    var routes: [Route] { [list, read, retry, cancel] }

    private var list: Route {
        Route(
            list: "/jobs", Operation("listJobs", "Jobs, the latest first", tag: Self.tag),
            needs: .permission(JobPermission.read), gate: gate, cursors: cursors, reads: JobsQuery.self
        ) { _, query, part, _ in try await jobs.list(query.filter, part).map { JobAnswer(job: $0) } }
    }

    private var read: Route {
        Route(
            .get, "/jobs/{id}",
            Operation(
                "readJob", "A job", tag: Self.tag,
                answers: [.json(200, JobAnswer.self, "The job"), .problem(.notFound)]),
            needs: .permission(JobPermission.read), gate: gate
        ) { request, _ in try await answer(try request.pathID()) }
    }

    private var retry: Route {
        Route(
            .post, "/jobs/{id}/retry",
            Operation(
                "retryJob", "Run a job that waits, failed or was cancelled, with all its attempts before it",
                tag: Self.tag,
                answers: [.json(200, JobAnswer.self, "The job"), .problem(.notFound), .problem(.jobState)]),
            needs: .permission(JobPermission.write), gate: gate
        ) { request, principal in
            let id: JobID = try request.pathID()
            try Self.check(try await jobs.retry(id, noting: note("job.retried", "job:\(id)", principal)))
            return try await answer(id)
        }
    }

    private var cancel: Route {
        Route(
            .post, "/jobs/{id}/cancel",
            Operation(
                "cancelJob", "Cancel a job; one that runs ends within seconds", tag: Self.tag,
                answers: [.json(200, JobAnswer.self, "The job"), .problem(.notFound), .problem(.jobState)]),
            needs: .permission(JobPermission.write), gate: gate
        ) { request, principal in
            let id: JobID = try request.pathID()
            try Self.check(try await jobs.cancel(id, noting: note("job.cancelled", "job:\(id)", principal)))
            return try await answer(id)
        }
    }

    private func answer(_ id: JobID) async throws -> Response {
        guard let job = try await jobs.find(id) else { throw Problem(.notFound) }
        return .json(JobAnswer(job: job))
    }

    private func note(
        _ action: String, _ subject: String, _ principal: Principal
    ) -> @Sendable (any SQLTransaction) throws -> Void {
        { [auditLog] in try auditLog.append(.done(action, on: subject, by: principal), in: $0) }
    }

    private static func check(_ change: JobAdministration.Change) throws(Problem) {
        switch change {
        case .done: return
        case .unknown: throw Problem(.notFound)
        case .refused(let state): throw Problem(.jobState, "The job is \(state.rawValue)")
        }
    }
}

struct JobsQuery: ListQuery {
    let filter: JobFilter
    let page: PageQuery

    init(_ fields: inout Fields) {
        let state = fields.optional("state", .choice(JobState.allCases.map(\.rawValue)))
        filter = JobFilter(
            state: state.flatMap(JobState.init(rawValue:)), queue: fields.optional("queue", .text(1...100)),
            kind: fields.optional("kind", .text(1...100)))
        page = PageQuery(&fields)
    }
}

struct JobAnswer: Output {
    let job: JobRecord

    static let shape = Shape<JobAnswer>("Job") { shape in
        shape.member("id", .id) { $0.job.id }
        shape.member("kind", .text) { $0.job.kind }
        shape.member("queue", .text) { $0.job.queue }
        shape.member("state", .text) { $0.job.state.rawValue }
        shape.member("is_being_cancelled", .bool) { $0.job.isBeingCancelled }
        shape.member("arguments", .document) { $0.job.arguments }
        shape.member("priority", .integer) { Int64($0.job.priority) }
        shape.member("attempts", .integer) { Int64($0.job.attempts) }
        shape.member("attempts_max", .integer) { Int64($0.job.attemptsMax) }
        shape.member("due_at", .timestamp) { $0.job.dueAt }
        shape.nullable("error", .text) { $0.job.error }
        shape.nullable("schedule", .text) { $0.job.schedule }
        shape.nullable("tick", .timestamp) { $0.job.tick }
        shape.member("created_at", .timestamp) { $0.job.createdAt }
        shape.nullable("attempted_at", .timestamp) { $0.job.attemptedAt }
        shape.nullable("finished_at", .timestamp) { $0.job.finishedAt }
    }
}

extension OutputType where Value == String {
    /// The text of a JSON object.
    fileprivate static var document: OutputType {
        OutputType(schema: ["type": "object"]) { text, writer in
            writer.value((try? JSONValue(parsing: Array(text.utf8))) ?? .object([:]))
        }
    }
}
