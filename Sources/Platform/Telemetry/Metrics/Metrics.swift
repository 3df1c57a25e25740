import Synchronization

/// Every metric of the process, by name and labels. Look a metric up once and keep it: that takes a lock,
/// recording does not.
///
/// Names and label names are constants of the code, so a malformed one, or one name with two types, is a defect that
/// stops the process. Label values may be anything, but each combination is a series that lives for ever: beyond
/// `seriesMax` of a name they share one more, whose values are all `overflow`.
package final class Metrics: Sendable {
    private let families = Mutex<[String: MetricFamily]>([:])
    private let seriesMax: Int

    /// - Parameter seriesMax: how many combinations of label values one name may have, 1 or more.
    package init(seriesMax: Int = 1_000) {
        self.seriesMax = max(seriesMax, 1)
    }

    /// The counter of this name and these labels. By convention the name ends in `_total`.
    package func counter(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:]
    ) -> Counter {
        let made = series(name, help: help, kind: .counter, labels) { .counter(Counter()) }
        guard case .counter(let counter) = made else { preconditionFailure("\(name) is read from a function") }
        return counter
    }

    /// A counter that something else keeps.
    ///
    /// - Parameter read: called at each rendering; nil leaves the series out. Replaces an earlier one.
    package func counter(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:],
        read: @escaping @Sendable () -> Double?
    ) {
        set(.function(read), name, help: help, kind: .counter, labels)
    }

    /// The gauge of this name and these labels.
    package func gauge(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Gauge {
        let made = series(name, help: help, kind: .gauge, labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = made else { preconditionFailure("\(name) is read from a function") }
        return gauge
    }

    /// A gauge that something else keeps: the length of a queue, the size of a pool.
    ///
    /// - Parameter read: called at each rendering; nil leaves the series out. Replaces an earlier one.
    package func gauge(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:],
        read: @escaping @Sendable () -> Double?
    ) {
        set(.function(read), name, help: help, kind: .gauge, labels)
    }

    /// The histogram of this name and these labels; one of durations has a name that ends in `_seconds`.
    package func histogram(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:], buckets: HistogramBuckets = .latency
    ) -> Histogram {
        let made = series(name, help: help, kind: .histogram(buckets), labels) { .histogram(Histogram(buckets)) }
        guard case .histogram(let histogram) = made else { preconditionFailure("\(name) is not a histogram") }
        return histogram
    }

    /// Everything in Prometheus' text format 0.0.4, sorted; the type is `Metrics.contentType`.
    package func render() -> [UInt8] {
        // Functions are called outside the lock: one may itself look a metric up.
        let families = self.families.withLock { $0.values.sorted { $0.name < $1.name } }
        var text = PrometheusText()
        for family in families { text.append(family) }
        return text.bytes
    }

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private func series(
        _ name: String, help: String, kind: MetricFamily.Kind, _ labels: KeyValuePairs<String, String>,
        make: () -> MetricFamily.Series
    ) -> MetricFamily.Series {
        let labels = MetricLabels(labels, of: kind)
        return families.withLock { families in
            families[name, default: MetricFamily(name, help: help, kind: kind)]
                .series(labels, of: kind, seriesMax: seriesMax, make: make)
        }
    }

    private func set(
        _ series: MetricFamily.Series, _ name: String, help: String, kind: MetricFamily.Kind,
        _ labels: KeyValuePairs<String, String>
    ) {
        let labels = MetricLabels(labels, of: kind)
        families.withLock { families in
            families[name, default: MetricFamily(name, help: help, kind: kind)]
                .set(series, labels, of: kind, seriesMax: seriesMax)
        }
    }
}
