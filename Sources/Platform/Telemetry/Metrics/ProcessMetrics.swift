/// What the process itself uses, under the names that every Prometheus client gives it
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
///
/// The figures come from /proc; where one is missing, its metric is left out.
package enum ProcessMetrics {
    package static func register(in metrics: Metrics) {
        metrics.counter(
            "process_cpu_seconds_total", help: "User and system CPU time spent, in seconds.",
            read: ProcessStatus.cpuSeconds)
        metrics.gauge(
            "process_resident_memory_bytes", help: "Resident memory, in bytes.",
            read: { ProcessStatus.memoryBytes()?.resident })
        metrics.gauge(
            "process_virtual_memory_bytes", help: "Virtual memory, in bytes.",
            read: { ProcessStatus.memoryBytes()?.virtual })
        metrics.gauge("process_open_fds", help: "Open file descriptors.", read: ProcessStatus.openDescriptors)
        metrics.gauge(
            "process_max_fds", help: "How many file descriptors may be open.", read: ProcessStatus.descriptorsMax)
        let start = ProcessStatus.startSeconds()
        metrics.gauge(
            "process_start_time_seconds", help: "When the process started, in seconds since 1970.", read: { start })
    }
}
