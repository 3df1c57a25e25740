import Commands
import JSON
import Jobs
import Shared

struct JobsListCommand: Command {
    let name = "jobs list"
    let summary = "List jobs, the latest first, 100 at the most."
    let details = """
        STATE is available, scheduled, running, retryable, completed, cancelled or discarded. The next hundred follow
        with --after and the last ID.
        """
    let printsData = true
    let options = [
        CommandOption(name: "--state", value: "STATE"), CommandOption(name: "--queue", value: "QUEUE"),
        CommandOption(name: "--kind", value: "KIND"), CommandOption(name: "--after", value: "ID"),
    ]

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let options = invocation.options
        let state = try options["--state"].map { text in
            guard let state = JobState(rawValue: text) else {
                throw CommandFailure(code: .usage, message: "\(text) is no state of a job; see gapura help jobs list")
            }
            return state
        }
        let filter = JobFilter(state: state, queue: options["--queue"], kind: options["--kind"])
        let part = PageRequest(limit: 100, after: try options["--after"].map { NewestFirst(try JobsAccess.id($0)) })
        let jobs = try await DatabaseAccess.with { access in
            try await JobAdministration(access.database, clock: access.clock).list(filter, part).items
        }
        if invocation.wantsJSON {
            Console.write(String(decoding: JSONValue.array(jobs.map(JobsAccess.json)).serialized, as: UTF8.self))
        } else {
            for job in jobs {
                let error = job.error.map { ": \($0)" } ?? ""
                Console.write(
                    "\(job.id) \(job.state.rawValue) \(job.kind) on \(job.queue), due \(job.dueAt), "
                        + "attempt \(job.attempts) of \(job.attemptsMax)\(error)")
            }
        }
        return .success
    }
}

struct JobsRetryCommand: Command {
    let name = "jobs retry"
    let parameters = ["ID"]
    let summary = "Run a job that waits, failed or was cancelled, with all its attempts before it."
    let details = "Exit code 1 if there is no such job, or it is available, runs or is completed."

    func run(_ invocation: Invocation) async throws -> ExitCode {
        try await JobsAccess.change(invocation, "retried") { try await $0.retry($1, noting: $2) }
    }
}

struct JobsCancelCommand: Command {
    let name = "jobs cancel"
    let parameters = ["ID"]
    let summary = "Cancel a job; one that runs ends within seconds."
    let details = "Exit code 1 if there is no such job, or it is finished."

    func run(_ invocation: Invocation) async throws -> ExitCode {
        try await JobsAccess.change(invocation, "cancelled") { try await $0.cancel($1, noting: $2) }
    }
}

struct JobsPauseCommand: Command {
    let name = "jobs pause"
    let parameters = ["QUEUE"]
    let summary = "Start no more jobs of a queue; what runs goes on."
    let details = "Exit code 1 if it is paused already, or there is no such queue."

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let queue = try JobsAccess.queue(invocation)
        let isNew = try await DatabaseAccess.with { access in
            try await JobsAccess.existing(queue, in: access)
                .pause(queue, noting: access.note("job_queue.paused", on: "job_queue:\(queue)"))
        }
        return JobsAccess.report(isNew, "paused \(queue)", else: "\(queue) is paused already")
    }
}

struct JobsResumeCommand: Command {
    let name = "jobs resume"
    let parameters = ["QUEUE"]
    let summary = "Start the jobs of a paused queue again."
    let details = "Exit code 1 if it is not paused, or there is no such queue."

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let queue = try JobsAccess.queue(invocation)
        let wasPaused = try await DatabaseAccess.with { access in
            try await JobsAccess.existing(queue, in: access)
                .resume(queue, noting: access.note("job_queue.resumed", on: "job_queue:\(queue)"))
        }
        return JobsAccess.report(wasPaused, "resumed \(queue)", else: "\(queue) is not paused")
    }
}

private enum JobsAccess {
    /// - Parameter done: what was done, also for the audit log.
    static func change(
        _ invocation: Invocation, _ done: String,
        _ change:
            @Sendable (JobAdministration, JobID, @escaping JobAdministration.Note) async throws
            -> JobAdministration.Change
    ) async throws -> ExitCode {
        let id = try id(invocation.values[0])
        let outcome = try await DatabaseAccess.with { access in
            try await change(
                JobAdministration(access.database, clock: access.clock), id,
                access.note("job.\(done)", on: "job:\(id)"))
        }
        switch outcome {
        case .done: return report(true, "\(done) \(id)", else: "")
        case .unknown: return report(false, "", else: "there is no job \(id); see gapura jobs list")
        case .refused(let state): return report(false, "", else: "the job \(id) is \(state.rawValue)")
        }
    }

    static func report(_ isDone: Bool, _ text: String, else refusal: String) -> ExitCode {
        if isDone { Console.write(text) } else { Console.writeError("gapura: \(refusal)") }
        return isDone ? .success : .failure
    }

    /// - Throws: `CommandFailure`.
    static func id(_ text: String) throws -> JobID {
        guard let id = JobID(text: text) else {
            throw CommandFailure(code: .usage, message: "\(text) is not the ID of a job; see gapura jobs list")
        }
        return id
    }

    /// - Throws: `CommandFailure`.
    static func queue(_ invocation: Invocation) throws -> String {
        let name = invocation.values[0]
        guard JobQueue.isName(name) else {
            throw CommandFailure(code: .usage, message: "\(name) is not the name of a queue")
        }
        return name
    }

    /// Queues of this program, and those that the database knows: another version may have more.
    ///
    /// - Throws: `CommandFailure` if it is none of them.
    static func existing(_ queue: String, in access: DatabaseAccess) async throws -> JobQueues {
        let queues = JobQueues(access.database, clock: access.clock)
        let known = Modules.queues(of: Modules.described)
        if known.contains(queue) { return queues }
        let all = known.union(try await queues.list().map(\.name))
        guard all.contains(queue) else {
            throw CommandFailure(
                code: .failure,
                message: "there is no queue \(queue); there are \(all.sorted().joined(separator: ", "))")
        }
        return queues
    }

    static func json(_ job: JobRecord) -> JSONValue {
        func text(_ value: (some CustomStringConvertible)?) -> JSONValue {
            value.map { .string($0.description) } ?? .null
        }
        return [
            "id": .string("\(job.id)"), "kind": .string(job.kind), "queue": .string(job.queue),
            "state": .string(job.state.rawValue),
            "arguments": (try? JSONValue(parsing: Array(job.arguments.utf8))) ?? .null,
            "priority": .integer(Int64(job.priority)), "attempts": .integer(Int64(job.attempts)),
            "attempts_max": .integer(Int64(job.attemptsMax)), "due_at": .string("\(job.dueAt)"),
            "error": text(job.error), "schedule": text(job.schedule), "tick": text(job.tick),
            "created_at": .string("\(job.createdAt)"), "attempted_at": text(job.attemptedAt),
            "finished_at": text(job.finishedAt),
        ]
    }
}
