import Jobs
import Shared
import Telemetry

/// Figures of the installation's jobs.
enum JobMetrics {
    /// - Parameter runs: of the worker of this process; nil if it has none.
    static func register(
        _ monitor: JobMonitor, runs: JobRunCounts?, clock: any WallClock, in metrics: Metrics
    ) {
        if let runs {
            for outcome in JobRunCounts.Outcome.allCases {
                metrics.counter(
                    "job_runs_total", help: "Runs of jobs in this process, by what they came to.",
                    labels: ["outcome": outcome.rawValue]
                ) { Double(runs.count(outcome)) }
            }
        }
        for state in JobState.allCases where state != .completed {
            metrics.gauge(
                "jobs", help: "Jobs that are not completed, by their state.", labels: ["state": state.rawValue]
            ) {
                monitor.figures.map { Double($0.counts[state] ?? 0) }
            }
        }
        metrics.gauge(
            "jobs_waiting_seconds", help: "How long the first available job of a queue that is not paused has waited."
        ) {
            monitor.figures.map { figures in
                figures.availableSince.map { max((clock.now - $0) / .seconds(1), 0) } ?? 0
            }
        }
        metrics.gauge("job_queues_paused", help: "Queues of jobs that are paused.") {
            monitor.figures.map { Double($0.pausedQueues) }
        }
    }
}
