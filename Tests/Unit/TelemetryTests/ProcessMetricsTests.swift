import Shared
import Telemetry
import Testing

@Suite("Process metrics")
struct ProcessMetricsTests {
    private func values() -> [String: Double] {
        let metrics = Metrics()
        ProcessMetrics.register(in: metrics)
        var values: [String: Double] = [:]
        for line in String(decoding: metrics.render(), as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { values[String(words[0])] = Double(words[1]) }
        }
        return values
    }

    @Test("have the standard names and plausible figures")
    func plausible() throws {
        let values = values()
        let resident = try #require(values["process_resident_memory_bytes"])
        let virtual = try #require(values["process_virtual_memory_bytes"])
        #expect(resident > 1e6 && resident < virtual)
        let open = try #require(values["process_open_fds"])
        let openMax = try #require(values["process_max_fds"])
        #expect(open >= 3 && open < openMax)
        #expect(try #require(values["process_cpu_seconds_total"]) > 0)
    }

    @Test("the start of the process lies in the past day")
    func start() throws {
        let start = try #require(values()["process_start_time_seconds"])
        let now = Double(SystemWallClock().now.milliseconds) / 1_000
        // The kernel tells the moment of boot in whole seconds.
        #expect(start <= now + 1 && start > now - 86_400)
    }

    @Test("an open descriptor more is counted")
    func descriptors() throws {
        let pipes = try (0..<50).map { _ in try Pipe() }
        // Other tests open and close a few meanwhile.
        let during = try #require(values()["process_open_fds"])
        #expect(during >= Double(pipes.count * 2))
    }
}
