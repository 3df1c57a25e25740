import Lifecycle
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("The relay as a service")
struct RelayServiceTests {
    @Test("delivers what was committed before it started, and what a signal tells of")
    func delivers() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...3)
            let wakeup = Wakeup()
            let bus = CountingBus()
            try await running(house.relay(to: bus, wakeup: wakeup).service) {
                await bus.waitFor(3)
                try await house.publish(4...4)
                wakeup.signal()
                await bus.waitFor(4)
            }
            #expect(try bus.double.numbers() == [1, 2, 3, 4])
        }
    }

    @Test("finds what was committed without a signal by looking from time to time")
    func polls() async throws {
        try await withMessagingHouse { house async throws in
            let bus = CountingBus()
            try await running(house.relay(to: bus).service) {
                try await house.publish(1...1)
                await bus.waitFor(1)
            }
            #expect(try bus.double.numbers() == [1])
        }
    }

    /// Runs the service until `body` ends, and then to its own end.
    private func running(_ service: PollingService, _ body: () async throws -> Void) async throws {
        let stop = Latch()
        let started = Latch()
        async let group: Void = ServiceGroup([service], grace: .seconds(60), logger: .silent)
            .run(until: stop, started: { started.open() })
        await started.wait()
        try await body()
        stop.open()
        try await group
    }

    /// Tells when so many events came.
    private final class CountingBus: EventBus {
        let double = BusDouble()
        private let latches = (0...4).map { _ in Latch() }

        func publish(_ envelope: EventEnvelope) async throws {
            try await double.publish(envelope)
            for latch in latches.prefix(double.delivered.all.count + 1) { latch.open() }
        }

        func waitFor(_ count: Int) async { await latches[count].wait() }
    }
}
