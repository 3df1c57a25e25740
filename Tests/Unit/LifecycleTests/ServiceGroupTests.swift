import Lifecycle
import Shared
import TestSupport
import Testing

/// Says what happens to it.
struct ServiceDouble: Service {
    let name: String
    let events: Recorder<String>
    var starts: @Sendable () async throws -> Void = {}
    var runs: @Sendable (ServiceLifecycle) async throws -> Void = { await $0.shutdownRequested() }

    func run(_ lifecycle: ServiceLifecycle) async throws {
        try await starts()
        events.add("\(name) started")
        lifecycle.started()
        try await runs(lifecycle)
        events.add("\(name) ended")
    }
}

@Suite("A group of services")
struct ServiceGroupTests {
    private struct Failure: Error, Equatable {}

    private let events = Recorder<String>()
    private let stop = Latch()

    @Test("starts in order and ends in reverse order")
    func order() async throws {
        let group = ServiceGroup(
            ["one", "two", "three"].map { ServiceDouble(name: $0, events: events) }, grace: .seconds(3_600),
            logger: .silent)
        try await group.run(
            until: stop,
            started: {
                events.add("all started")
                stop.open()
            }, stopping: { events.add("stopping") })
        #expect(
            events.all == [
                "one started", "two started", "three started", "all started", "stopping", "three ended", "two ended",
                "one ended",
            ])
    }

    @Test("starts a service when the one before it has started, not earlier")
    func startsOneByOne() async throws {
        let slow = ServiceDouble(
            name: "slow", events: events,
            starts: {
                for _ in 0..<50 { await Task.yield() }
                events.add("slow is starting")
            })
        let group = ServiceGroup(
            [slow, ServiceDouble(name: "next", events: events)], grace: .seconds(3_600), logger: .silent)
        try await group.run(until: stop, started: { stop.open() })
        #expect(events.all.prefix(3) == ["slow is starting", "slow started", "next started"])
    }

    @Test("a service that fails while it runs ends the others in order, and its error is the group's")
    func failsRunning() async throws {
        let broken = Latch()
        let services = [
            ServiceDouble(name: "one", events: events),
            ServiceDouble(
                name: "broken", events: events,
                runs: { _ in
                    await broken.wait()
                    throw Failure()
                }), ServiceDouble(name: "three", events: events),
        ]
        await #expect(throws: Failure.self) {
            try await ServiceGroup(services, grace: .seconds(3_600), logger: .silent)
                .run(until: stop, started: { broken.open() }, stopping: { events.add("stopping") })
        }
        #expect(
            events.all == ["one started", "broken started", "three started", "stopping", "three ended", "one ended"])
    }

    @Test("a service that cannot start keeps those behind it from starting")
    func failsStarting() async throws {
        let services = [
            ServiceDouble(name: "one", events: events),
            ServiceDouble(name: "broken", events: events, starts: { throw Failure() }),
            ServiceDouble(name: "three", events: events),
        ]
        await #expect(throws: Failure.self) {
            try await ServiceGroup(services, grace: .seconds(3_600), logger: .silent)
                .run(until: stop, started: { events.add("all started") })
        }
        #expect(events.all == ["one started", "one ended"])
    }

    @Test("a service that ends by itself ends the group")
    func endsByItself() async throws {
        let services = [
            ServiceDouble(name: "one", events: events), ServiceDouble(name: "short", events: events, runs: { _ in }),
        ]
        try await ServiceGroup(services, grace: .seconds(3_600), logger: .silent).run(until: stop)
        #expect(Set(events.all) == ["one started", "short started", "short ended", "one ended"])
        #expect(events.all.last == "one ended")
    }

    @Test("a service that does not end in time is cancelled, and the log says which")
    func deadline() async throws {
        let log = RecordingLogSink()
        let stubborn = ServiceDouble(
            name: "stubborn", events: events, runs: { _ in await Latch().wait() })
        try await ServiceGroup(
            [ServiceDouble(name: "one", events: events), stubborn], grace: .milliseconds(1), logger: log.logger()
        ).run(until: stop, started: { stop.open() })
        #expect(Set(events.all.suffix(2)) == ["stubborn ended", "one ended"])
        let warnings = log.entries.filter { $0.level == .warning }
        #expect(warnings.first?["service"] == .text("stubborn"))
    }

    @Test("each service is told by when it must have ended")
    func tellsDeadline() async throws {
        let deadlines = Recorder<ContinuousClock.Instant?>()
        let service = ServiceDouble(
            name: "one", events: events,
            runs: { lifecycle in
                deadlines.add(lifecycle.deadline)
                await lifecycle.shutdownRequested()
                deadlines.add(lifecycle.deadline)
            })
        let before = ContinuousClock.now
        try await ServiceGroup([service], grace: .seconds(3_600), logger: .silent)
            .run(until: stop, started: { stop.open() })
        #expect(deadlines.all.count == 2)
        #expect(deadlines.all.first == .some(nil))
        #expect(try #require(deadlines.all.last ?? nil) >= before + .seconds(3_600))
    }

    @Test("a stop that comes before the start starts nothing")
    func stoppedBefore() async throws {
        stop.open()
        try await ServiceGroup([ServiceDouble(name: "one", events: events)], grace: .seconds(1), logger: .silent)
            .run(until: stop, started: { events.add("all started") })
        #expect(events.all.isEmpty)
    }

    @Test("a stop that comes while a service starts is told to that service, and starts no other")
    func stoppedWhileStarting() async throws {
        let beginning = Latch()
        let services: [any Service] = [
            ServiceDouble(name: "one", events: events), NeverReady(beginning: beginning),
            ServiceDouble(name: "three", events: events),
        ]
        let stop = stop
        async let run: Void = ServiceGroup(services, grace: .seconds(3_600), logger: .silent)
            .run(until: stop, started: { events.add("all started") })
        await beginning.wait()
        stop.open()
        try await run
        #expect(events.all == ["one started", "one ended"])
    }

    @Test("an empty group runs until it is stopped")
    func empty() async throws {
        try await ServiceGroup([], grace: .seconds(1), logger: .silent).run(until: stop, started: { stop.open() })
    }

    /// Waits for something that does not come, unless it is asked to end.
    private struct NeverReady: Service {
        let name = "never ready"
        let beginning: Latch

        func run(_ lifecycle: ServiceLifecycle) async throws {
            beginning.open()
            await lifecycle.shutdownRequested()
        }
    }
}
