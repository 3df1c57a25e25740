import Commands

struct ServeCommand: Command {
    let name = "serve"
    let summary = "Serve the modules over HTTP, with everything they need in the background."
    let details = """
        Ends in order at SIGTERM or SIGINT, within SHUTDOWN_GRACE; at once at the second one. With --no-jobs it runs no
        jobs and no schedules: run gapura worker beside it, on PostgreSQL.
        """
    let flags = ["--no-jobs"]

    func run(_ invocation: Invocation) async throws -> ExitCode {
        try await ServerProcess.run(.serve(doesJobs: !invocation.flags.contains("--no-jobs")))
    }
}

struct WorkerCommand: Command {
    let name = "worker"
    let summary = "Run jobs, schedules and the consumers of events, and serve nothing."
    let details = """
        For more processes on PostgreSQL; on SQLite gapura serve does it all. With ADMIN_PORT it serves its health and
        its figures there. Ends as gapura serve does, and gives jobs back that do not end in time.
        """

    func run(_: Invocation) async throws -> ExitCode {
        try await ServerProcess.run(.work)
    }
}
