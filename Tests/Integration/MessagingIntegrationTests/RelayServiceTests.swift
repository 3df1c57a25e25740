import Lifecycle
import SQL
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
            let arrivals = Arrivals()
            let consumer = ConsumerDouble("one", house) { _ in arrivals.add() }
            try await running(house.relay([consumer], wakeup: wakeup)) {
                await arrivals.waitFor(3)
                try await house.publish(4...4)
                wakeup.signal()
                await arrivals.waitFor(4)
            }
            #expect(try await house.effects(of: "one") == [1, 2, 3, 4])
        }
    }

    @Test("finds what was committed without a signal by looking from time to time")
    func polls() async throws {
        try await withMessagingHouse { house async throws in
            let arrivals = Arrivals()
            let consumer = ConsumerDouble("one", house) { _ in arrivals.add() }
            try await running(house.relay([consumer])) {
                try await house.publish(1...1)
                await arrivals.waitFor(1)
            }
            #expect(try await house.effects(of: "one") == [1])
        }
    }

    @Test("works parked events off, and lets its leases go at the end")
    func parked() async throws {
        try await withMessagingHouse { house async throws in
            let arrivals = Arrivals()
            let consumer = ConsumerDouble("one", house) { _ in
                arrivals.add()
                if arrivals.count == 1 { throw ConsumerFailure() }
            }
            try await house.publish(1...1)
            try await running(house.relay([consumer])) {
                await arrivals.waitFor(1)
                // Each look is a second of the relay's own clock apart.
                try await until {
                    house.clock.advance(by: .seconds(1))
                    return arrivals.count == 2
                }
            }
            #expect(try await house.effects(of: "one") == [1])
            let leases = try await house.database.read { transaction in
                try transaction.query("SELECT owner FROM event_leases WHERE lease_until > \(house.clock.now)") {
                    try $0.identifier(0)
                }
            }
            #expect(leases.isEmpty)
        }
    }

    /// Runs the services until `body` ends, and then to their own end.
    private func running(_ relay: OutboxRelay, _ body: () async throws -> Void) async throws {
        let stop = Latch()
        let started = Latch()
        async let group: Void = ServiceGroup(relay.services, grace: .seconds(60), logger: .silent)
            .run(until: stop, started: { started.open() })
        await started.wait()
        try await body()
        stop.open()
        try await group
    }

    /// Tells when so many events came.
    private final class Arrivals: Sendable {
        private let events = Recorder<Int>()
        private let latches = (0...4).map { _ in Latch() }

        var count: Int { events.all.count }

        func add() {
            events.add(1)
            for latch in latches.prefix(count + 1) { latch.open() }
        }

        func waitFor(_ count: Int) async { await latches[count].wait() }
    }
}
