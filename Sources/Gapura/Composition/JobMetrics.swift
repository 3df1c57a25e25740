import Jobs
import Shared
import Telemetry

/// Figures of the installation's jobs.
enum JobMetrics {
    static func register(_ monitor: JobMonitor, clock: any WallClock, in metrics: Metrics) {
        for state in JobState.allCases {
            metrics.gauge("jobs", help: "Jobs by their state.", labels: ["state": state.rawValue]) {
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
