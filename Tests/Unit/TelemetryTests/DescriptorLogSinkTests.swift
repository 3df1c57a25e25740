import Glibc
import Shared
import Telemetry
import Testing

@Suite("The descriptor log sink")
struct DescriptorLogSinkTests {
    private let clock = FixedClock(now: Timestamp(milliseconds: 1_795_253_400_123))

    @Test("writes a line to its descriptor at once")
    func writesAtOnce() throws {
        let pipe = try Pipe()
        let sink = DescriptorLogSink(format: .text, clock: clock, descriptor: pipe.input)
        Logger(level: .info, sink: sink).info("started", ["port": 8080])
        #expect(pipe.readAvailable() == "2026-11-21T09:30:00.123Z INFO started port=8080\n")
    }

    @Test("writes the whole of a line that the system takes in parts, and waits for a slow reader")
    func writesInParts() async throws {
        let pipe = try Pipe()
        #expect(fcntl(pipe.input, F_SETFL, O_NONBLOCK) == 0)
        let sink = DescriptorLogSink(format: .text, clock: clock, descriptor: pipe.input)
        let value = String(repeating: "x", count: 4_000)
        // Longer than the 64 KiB that a pipe holds.
        let logger = (0..<40).reduce(Logger(level: .info, sink: sink)) { logger, number in
            logger.with("field\(number)", .text(value))
        }
        async let written: Void = onThread {
            for _ in 0..<3 { logger.info("long") }
            pipe.closeInput()
        }
        let lines = await onThread { pipe.readToEnd() }.split(separator: "\n")
        await written
        let fields = (0..<40).map { "field\($0)=\(value)" }.joined(separator: " ")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0 == "2026-11-21T09:30:00.123Z INFO long \(fields)" })
        #expect(sink.lostLines == 0)
    }

    @Test("keeps lines of many threads apart")
    func linesStayWhole() async throws {
        let pipe = try Pipe()
        let sink = DescriptorLogSink(format: .json, clock: clock, descriptor: pipe.input)
        let value = String(repeating: "y", count: 3_000)
        async let text = onThread { pipe.readToEnd() }
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    await onThread {
                        let logger = Logger(level: .info, sink: sink).with("writer", LogValue(writer))
                        for _ in 0..<50 { logger.info("line", ["one": .text(value), "two": .text(value)]) }
                    }
                }
            }
        }
        pipe.closeInput()
        let lines = await text.split(separator: "\n")
        #expect(lines.count == 200)
        #expect(lines.allSatisfy { $0.hasPrefix("{\"time\":") && $0.hasSuffix("\(value)\"}") })
    }

    @Test("counts a line that its descriptor refuses, and goes on")
    func countsLostLines() throws {
        let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let sink = DescriptorLogSink(format: .text, clock: clock, descriptor: descriptor)
        Logger(level: .info, sink: sink).info("one")
        Logger(level: .info, sink: sink).info("two")
        #expect(sink.lostLines == 2)
    }
}
