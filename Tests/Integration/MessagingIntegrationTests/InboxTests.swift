import SQL
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("The inbox and the bus")
struct InboxTests {
    private let event = SequentialIdentifiers.identifier(7)

    @Test("a consumer accepts an event once; another consumer has its own turn")
    func once() async throws {
        try await withMessagingHouse { house async throws in
            #expect(try await accept(house, "one"))
            #expect(try await !accept(house, "one"))
            #expect(try await accept(house, "two"))
        }
    }

    @Test("an acceptance that is rolled back with its effect did not happen")
    func rollsBack() async throws {
        try await withMessagingHouse { house async throws in
            let (event, now) = (event, house.clock.now)
            await #expect(throws: BusDouble.Failure.self) {
                try await house.database.write { transaction in
                    _ = try Inbox.accept(event, by: "one", at: now, in: transaction)
                    throw BusDouble.Failure()
                }
            }
            #expect(try await accept(house, "one"))
        }
    }

    @Test("of many deliveries at once, one has its effect")
    func atOnce() async throws {
        try await withMessagingHouse { house async throws in
            let count = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { try await accept(house, "one") } }
                var count = 0
                for try await isAccepted in group where isAccepted { count += 1 }
                return count
            }
            #expect(count == 1)
        }
    }

    @Test("the bus gives an event to every consumer of its type and to no other")
    func routing() async throws {
        let heard = Recorder<String>()
        let bus = InProcessEventBus([
            .on(ThingHappened.self, consumer: "one") { event, _ in heard.add("one \(event.number)") },
            .on(ThingHappened.self, consumer: "two") { event, _ in heard.add("two \(event.number)") },
            Subscription(type: "other.type", consumer: "three") { _ in heard.add("three") },
        ])
        try await bus.publish(try envelope())
        #expect(heard.all == ["one 3", "two 3"])
        try await InProcessEventBus([]).publish(try envelope())
    }

    @Test("a consumer that fails does not keep the event from the next one, and the whole fails")
    func oneFails() async throws {
        let heard = Recorder<String>()
        let bus = InProcessEventBus([
            .on(ThingHappened.self, consumer: "one") { _, _ in throw BusDouble.Failure() },
            .on(ThingHappened.self, consumer: "two") { _, _ in heard.add("two") },
        ])
        let envelope = try envelope()
        await #expect(throws: BusDouble.Failure.self) { try await bus.publish(envelope) }
        #expect(heard.all == ["two"])
    }

    @Test("through outbox, bus and inbox a redelivered event has its effect once")
    func effectivelyOnce() async throws {
        try await withMessagingHouse { house async throws in
            let effects = Recorder<Int>()
            let attempts = Recorder<Int>()
            let clock = house.clock
            let bus = InProcessEventBus([
                .on(ThingHappened.self, consumer: "counts") { event, envelope in
                    let isNew = try await house.database.write {
                        try Inbox.accept(envelope.id, by: "counts", at: clock.now, in: $0)
                    }
                    if isNew { effects.add(event.number) }
                },
                .on(ThingHappened.self, consumer: "fails once") { event, _ in
                    attempts.add(event.number)
                    if attempts.all.count == 1 { throw BusDouble.Failure() }
                },
            ])
            try await house.publish(1...1)
            let relay = house.relay(to: bus)
            #expect(try await relay.relayOnce() == 0)
            clock.advance(by: .seconds(1))
            #expect(try await relay.relayOnce() == 1)
            #expect(attempts.all == [1, 1])
            #expect(effects.all == [1])
        }
    }

    private func accept(_ house: MessagingHouse, _ consumer: String) async throws -> Bool {
        let (event, now) = (event, house.clock.now)
        return try await house.database.write { try Inbox.accept(event, by: consumer, at: now, in: $0) }
    }

    private func envelope() throws -> EventEnvelope {
        let happened = ThingHappened(thing: MessagingHouse.thing(1), number: 3)
        return EventEnvelope(
            id: event, source: ThingHappened.source, type: ThingHappened.type, subject: happened.subject,
            time: Timestamp(seconds: 0), traceparent: nil, data: try EventCoding.encode(happened))
    }
}
