import Audit
import Authorization
import HTTP
import JSON
import Jobs
import Lists
import SQL
import Shared

/// Queues of jobs: how full they are; pausing and resuming.
struct JobQueueRoutes: Sendable {
    let queues: JobQueues
    let auditLog: AuditLog
    let gate: any Gate
    let cursors: ListCursors

    private static let tag = "Jobs"

    var routes: [Route] { [list, pause, resume] }

    private var list: Route {
        Route(
            list: "/jobs/queues",
            Operation(
                "listJobQueues",
                "Queues of jobs by name: those that have a job which is not completed, or were ever paused or limited",
                tag: Self.tag),
            needs: .permission(JobPermission.read), gate: gate, cursors: cursors, reads: PageQuery.self
        ) { _, _, part, _ in
            Page(of: try await queues.list().map { JobQueueAnswer(queue: $0) }, part) { ByName($0.queue.name) }
        }
    }

    private var pause: Route {
        Route(
            .post, "/jobs/queues/{name}/pause",
            Operation(
                "pauseJobQueue", "Start no more jobs of a queue; what runs goes on", tag: Self.tag,
                answers: [.empty(204, "It is paused")]),
            needs: .permission(JobPermission.write), gate: gate
        ) { request, principal in
            let name = try Self.name(in: request)
            _ = try await queues.pause(name, noting: note("job_queue.paused", name, principal))
            return .noContent()
        }
    }

    private var resume: Route {
        Route(
            .post, "/jobs/queues/{name}/resume",
            Operation(
                "resumeJobQueue", "Start the jobs of a paused queue again", tag: Self.tag,
                answers: [.empty(204, "It is not paused")]),
            needs: .permission(JobPermission.write), gate: gate
        ) { request, principal in
            let name = try Self.name(in: request)
            _ = try await queues.resume(name, noting: note("job_queue.resumed", name, principal))
            return .noContent()
        }
    }

    private func note(
        _ action: String, _ name: String, _ principal: Principal
    ) -> @Sendable (any SQLTransaction) throws -> Void {
        { [auditLog] in try auditLog.append(.done(action, on: "job_queue:\(name)", by: principal), in: $0) }
    }

    /// - Throws: a problem 404 for what no queue is called.
    private static func name(in request: Request) throws(Problem) -> String {
        guard let name = request.pathValues.first, JobQueue.isName(name) else { throw Problem(.notFound) }
        return name
    }
}

private struct JobQueueAnswer: Output {
    let queue: JobQueues.Status

    static let shape = Shape<JobQueueAnswer>("JobQueue") { shape in
        shape.member("name", .text) { $0.queue.name }
        shape.nullable("paused_at", .timestamp) { $0.queue.pausedAt }
        shape.nullable("available_since", .timestamp) { $0.queue.availableSince }
        shape.member("jobs", .object) { JobCountsAnswer(counts: $0.queue.counts) }
    }
}

/// How many jobs there are in each state but `completed`.
private struct JobCountsAnswer: Output {
    let counts: [JobState: Int]

    static let shape = Shape<JobCountsAnswer>("JobCounts") { shape in
        for state in JobState.allCases where state != .completed {
            shape.member(state.rawValue, .integer) { Int64($0.counts[state] ?? 0) }
        }
    }
}
