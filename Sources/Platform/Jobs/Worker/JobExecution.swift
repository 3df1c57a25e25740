import Messaging
import Shared

/// Runs single jobs and notes what they came to.
final class JobExecution: Sendable {
    private let handlers: [String: JobHandler]
    private let running: RunningJobs
    private let results: ResultBuffer
    private let clock: any WallClock
    private let stopwatch: any MonotonicClock
    private let logger: Logger
    let counts = JobRunCounts()

    /// Longer texts are cut.
    private static let errorLengthMax = 2_000

    init(
        _ handlers: [String: JobHandler], running: RunningJobs, results: ResultBuffer, clock: any WallClock,
        stopwatch: any MonotonicClock, logger: Logger
    ) {
        self.handlers = handlers
        self.running = running
        self.results = results
        self.clock = clock
        self.stopwatch = stopwatch
        self.logger = logger
    }

    /// The task is not a child of anything: a run that does not heed its cancellation must hold up neither the others
    /// nor the end of the process. `running` keeps its handle.
    ///
    /// - Parameter ended: called once the job needs no room any more.
    func start(_ job: ClaimedJob, ended: @escaping @Sendable () -> Void) {
        let key = RunningJobs.Key(job)
        let timeout = handlers[job.kind]?.timeout ?? .zero
        running.begin(key, deadline: stopwatch.elapsed + timeout)
        let task = Task {
            await run(job, key)
            ended()
        }
        running.attach(task, to: key)
    }

    /// Cancels what runs too long, and writes the result of what goes on all the same.
    func endOverdue() {
        for key in running.interruptOverdue(at: stopwatch.elapsed) {
            logger.error(
                "a job does not end though it was cancelled; its place in the queue stays taken",
                ["number": LogValue(key.number)])
            let ended = EndedJob(
                number: key.number, fence: key.fence,
                result: .failed(error: "it ran too long and did not end when it was cancelled", delay: .seconds(60)))
            counts.add(.failed)
            results.add(ResultBuffer.Entry(job: ended, kind: "", mayBeWritten: true))
        }
    }

    private func run(_ job: ClaimedJob, _ key: RunningJobs.Key) async {
        let run = JobRun(job, clock: clock)
        var result: JobResult
        do {
            guard let handler = handlers[job.kind] else {
                throw InternalFailure("a job of kind \(job.kind) was claimed, which nobody here can do")
            }
            switch try await handler.handle(job, run) {
            case .done: result = .completed
            case .postponed(let moment): result = .postponed(until: moment)
            case .cancelled(let reason): result = .cancelled(reason: Self.stored(reason))
            }
        } catch {
            result = failure(job, error)
        }
        let end = running.end(key)
        guard !end.isReported else { return }
        if case .failed = result, let interruption = end.interruption { result = self.result(of: interruption, job) }
        report(job, result)
        counts.add(result.outcome)
        let ended = EndedJob(number: job.number, fence: job.fence, result: result)
        results.add(ResultBuffer.Entry(job: ended, kind: job.kind, mayBeWritten: run.hasCompletedItself))
    }

    private func failure(_ job: ClaimedJob, _ error: any Error) -> JobResult {
        .failed(error: Self.stored("\(error)"), delay: delay(job.kind, attempt: job.attempt))
    }

    private func result(of interruption: RunningJobs.Interruption, _ job: ClaimedJob) -> JobResult {
        switch interruption {
        case .timedOut:
            let seconds = (handlers[job.kind]?.timeout ?? .zero).secondsRoundedUp
            return .failed(
                error: "it ran longer than its \(seconds) s and was cancelled",
                delay: delay(job.kind, attempt: job.attempt))
        case .cancelled: return .cancelled(reason: "it was cancelled while it ran")
        case .shutdown: return .released
        }
    }

    func delay(_ kind: String, attempt: Int) -> Duration {
        (handlers[kind]?.retries ?? .jobs).delay(afterAttempt: attempt)
    }

    private func report(_ job: ClaimedJob, _ result: JobResult) {
        guard case .failed(let error, _) = result else { return }
        let isLast = job.attempt >= job.attemptsMax
        logger.log(
            isLast ? .error : .warning, isLast ? "a job failed for the last time" : "a job failed",
            [
                "job": LogValue(job.id), "kind": .text(job.kind), "attempt": LogValue(job.attempt),
                "attempts_max": LogValue(job.attemptsMax), "cause": .text(error),
            ])
    }

    /// PostgreSQL takes no U+0000.
    private static func stored(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0.value != 0 }.prefix(errorLengthMax).map(Character.init))
    }
}
