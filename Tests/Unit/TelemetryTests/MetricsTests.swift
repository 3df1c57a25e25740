import Synchronization
import Telemetry
import Testing

@Suite("Metrics")
struct MetricsTests {
    private func text(_ metrics: Metrics) -> String { String(decoding: metrics.render(), as: UTF8.self) }

    @Test("an empty registry renders nothing")
    func empty() {
        #expect(text(Metrics()) == "")
    }

    @Test("a counter is rendered with its help, its type and each series in order of the labels")
    func counter() {
        let metrics = Metrics()
        metrics.counter("requests_total", help: "Requests.", labels: ["status": "500"]).increment()
        metrics.counter("requests_total", help: "Requests.", labels: ["status": "200"]).increment(by: 41)
        #expect(
            text(metrics) == """
                # HELP requests_total Requests.
                # TYPE requests_total counter
                requests_total{status="200"} 41
                requests_total{status="500"} 1

                """)
    }

    @Test("the same name and labels, in any order, are the same series")
    func getOrCreate() {
        let metrics = Metrics()
        let one = metrics.counter("a_total", help: "A.", labels: ["x": "1", "y": "2"])
        let other = metrics.counter("a_total", help: "A.", labels: ["y": "2", "x": "1"])
        #expect(one === other)
        let third = metrics.counter("a_total", help: "A.", labels: ["y": "1", "x": "2"])
        #expect(one !== third)
    }

    @Test("a gauge goes up and down, or is read from a function")
    func gauges() {
        let metrics = Metrics()
        let gauge = metrics.gauge("connections", help: "Connections.")
        gauge.set(5)
        gauge.add(-7)
        metrics.gauge("depth", help: "Depth.", labels: ["queue": "mail"], read: { 2.5 })
        metrics.gauge("depth", help: "Depth.", labels: ["queue": "unknown"], read: { nil })
        metrics.gauge("absent", help: "Never there.", read: { nil })
        #expect(
            text(metrics) == """
                # HELP connections Connections.
                # TYPE connections gauge
                connections -2
                # HELP depth Depth.
                # TYPE depth gauge
                depth{queue="mail"} 2.5

                """)
    }

    @Test("a function that looks a metric up does not stop the rendering")
    func functionUsesRegistry() {
        let metrics = Metrics()
        metrics.gauge("a", help: "A.", read: { Double(metrics.counter("b_total", help: "B.").value) })
        #expect(text(metrics).contains("\na 0\n"))
    }

    @Test("a histogram counts a value in every bucket from its bound on, a bound included")
    func histogram() {
        let metrics = Metrics()
        let buckets = HistogramBuckets.durations([.milliseconds(1), .milliseconds(10)])
        let histogram = metrics.histogram("wait_seconds", help: "Wait.", labels: ["pool": "a"], buckets: buckets)
        histogram.record(.milliseconds(1))
        histogram.record(.milliseconds(2))
        histogram.record(.seconds(1))
        #expect(
            text(metrics) == """
                # HELP wait_seconds Wait.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{pool="a",le="0.001"} 1
                wait_seconds_bucket{pool="a",le="0.01"} 2
                wait_seconds_bucket{pool="a",le="+Inf"} 3
                wait_seconds_sum{pool="a"} 1.003
                wait_seconds_count{pool="a"} 3

                """)
    }

    @Test("a histogram of numbers shows them as they are")
    func numberHistogram() {
        let metrics = Metrics()
        let histogram = metrics.histogram("size_bytes", help: "Size.", buckets: .numbers([100, 1_000]))
        histogram.record(50 as Int64)
        #expect(text(metrics).contains("size_bytes_bucket{le=\"100\"} 1\n"))
        #expect(text(metrics).contains("size_bytes_sum 50\n"))
    }

    @Test("label values and help are escaped, so that none starts a line of its own")
    func escaping() {
        let metrics = Metrics()
        let value = "a\"b\\c\nforged_total 1"
        metrics.counter("a_total", help: "One\\two\nthree", labels: ["v": value]).increment()
        #expect(
            text(metrics) == #"""
                # HELP a_total One\\two\nthree
                # TYPE a_total counter
                a_total{v="a\"b\\c\nforged_total 1"} 1

                """#)
    }

    @Test("beyond the limit of series, new label values share one series, and known ones keep theirs")
    func seriesAreBounded() {
        let metrics = Metrics(seriesMax: 2)
        for user in ["a", "b", "c", "d", "a"] {
            metrics.counter("calls_total", help: "Calls.", labels: ["user": user]).increment()
        }
        #expect(
            text(metrics) == """
                # HELP calls_total Calls.
                # TYPE calls_total counter
                calls_total{user="a"} 2
                calls_total{user="b"} 1
                calls_total{user="overflow"} 2

                """)
    }

    @Test("no recording of many tasks is lost")
    func concurrentRecording() async {
        let metrics = Metrics()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<1_000 {
                        metrics.counter("n_total", help: "N.").increment()
                        metrics.histogram("h", help: "H.", buckets: .numbers([500])).record(Int64(number))
                    }
                }
            }
        }
        #expect(metrics.counter("n_total", help: "N.").value == 8_000)
        #expect(text(metrics).contains("h_bucket{le=\"500\"} 4008\n"))
        #expect(text(metrics).contains("h_sum 3996000\n"))
    }
}
