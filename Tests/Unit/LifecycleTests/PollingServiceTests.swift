import Lifecycle
import Shared
import Synchronization
import TestSupport
import Testing

@Suite("A polling service")
struct PollingServiceTests {
    @Test("goes on at once while there is more to do, and waits when there is not")
    func goesOn() async throws {
        let batches = Recorder<Int>()
        let done = Latch()
        let service = PollingService("test", interval: .seconds(3_600), logger: .silent) {
            batches.add(1)
            if batches.all.count == 5 { done.open() }
            return batches.all.count < 5 ? 1 : 0
        }
        try await running(service) { await done.wait() }
        #expect(batches.all.count == 5)
    }

    @Test("a full batch is followed by the next one without a pause", .timeLimit(.minutes(5)))
    func fullBatch() async throws {
        let batches = Recorder<Int>()
        let third = Latch()
        let service = PollingService(
            "test", interval: .seconds(3_600), pause: .seconds(3_600), batchSize: 2, logger: .silent
        ) {
            batches.add(1)
            if batches.all.count == 3 { third.open() }
            return batches.all.count < 3 ? 2 : 0
        }
        try await running(service) { await third.wait() }
        #expect(batches.all.count == 3)
    }

    @Test("looks when it is woken")
    func woken() async throws {
        let wakeup = Wakeup()
        let looks = Recorder<Int>()
        let latches = (0..<4).map { _ in Latch() }
        let service = PollingService("test", wakeup: wakeup, interval: .seconds(3_600), logger: .silent) {
            latches[min(looks.all.count, 3)].open()
            looks.add(1)
            return 0
        }
        try await running(service) {
            for latch in latches.dropLast() {
                await latch.wait()
                wakeup.signal()
            }
            await latches[3].wait()
        }
        #expect(looks.all.count >= 4)
    }

    @Test("looks from time to time without a signal")
    func interval() async throws {
        let looks = Recorder<Int>()
        let third = Latch()
        let service = PollingService("test", interval: .milliseconds(1), logger: .silent) {
            looks.add(1)
            if looks.all.count == 3 { third.open() }
            return 0
        }
        try await running(service) { await third.wait() }
    }

    @Test("a failure is logged and does not end it")
    func failure() async throws {
        let log = RecordingLogSink()
        let looks = Recorder<Int>()
        let third = Latch()
        let service = PollingService("test", interval: .milliseconds(1), logger: log.logger()) {
            looks.add(1)
            if looks.all.count == 3 { third.open() }
            throw Unavailable("database", reason: "as the test said")
        }
        try await running(service) { await third.wait() }
        let entry = try #require(log.entries.first { $0.message == "background work failed" })
        #expect(entry["service"] == .text("test"))
        #expect(entry["cause"] == .text("database unavailable: as the test said"))
    }

    @Test("ends a batch that runs before it ends itself")
    func finishesBatch() async throws {
        let finished = Recorder<Int>()
        let began = Latch()
        let goOn = Latch()
        let lifecycle = ServiceLifecycle()
        let service = PollingService("test", interval: .seconds(3_600), logger: .silent) {
            began.open()
            await goOn.wait()
            finished.add(1)
            return 1
        }
        async let run: Void = service.run(lifecycle)
        await began.wait()
        lifecycle.requestShutdown(deadline: .now + .seconds(3_600))
        goOn.open()
        try await run
        #expect(finished.all == [1])
    }

    private func running(_ service: PollingService, _ body: () async -> Void) async throws {
        let lifecycle = ServiceLifecycle()
        async let run: Void = service.run(lifecycle)
        await body()
        lifecycle.requestShutdown(deadline: .now + .seconds(3_600))
        try await run
    }
}
