/// All series of one name.
struct MetricFamily: Sendable {
    enum Kind: Equatable {
        case counter, gauge
        case histogram(HistogramBuckets)
    }

    enum Series: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case function(@Sendable () -> Double?)
    }

    let name: String
    let help: String
    let kind: Kind
    private(set) var series: [MetricLabels: Series] = [:]

    init(_ name: String, help: String, kind: Kind) {
        precondition(MetricLabels.isName(name, colonAllowed: true), "\(name) is not a metric name")
        self.name = name
        self.help = help
        self.kind = kind
    }

    mutating func series(
        _ labels: MetricLabels, of kind: Kind, seriesMax: Int, make: () -> Series
    ) -> Series {
        precondition(kind == self.kind, "\(name) has two types")
        let labels = admitted(labels, seriesMax: seriesMax)
        if let series = series[labels] { return series }
        let made = make()
        series[labels] = made
        return made
    }

    mutating func set(_ series: Series, _ labels: MetricLabels, of kind: Kind, seriesMax: Int) {
        precondition(kind == self.kind, "\(name) has two types")
        self.series[admitted(labels, seriesMax: seriesMax)] = series
    }

    private func admitted(_ labels: MetricLabels, seriesMax: Int) -> MetricLabels {
        series[labels] != nil || series.count < seriesMax || labels.pairs.isEmpty ? labels : labels.overflow
    }
}
