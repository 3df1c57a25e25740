import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("The outbox")
struct OutboxTests {
    private static let one = MessagingHouse.thing(1)
    private static let two = MessagingHouse.thing(2)

    @Test("an event is committed with its cause, or not at all")
    func withItsCause() async throws {
        try await withMessagingHouse { house async throws in
            let outbox = house.outbox
            try await house.publish(1...1)
            await #expect(throws: ConsumerFailure.self) {
                try await house.database.write { transaction in
                    try outbox.append(ThingHappened(thing: Self.one, number: 2), in: transaction)
                    throw ConsumerFailure()
                }
            }
            #expect(try await house.queue.count() == 1)
        }
    }

    @Test("an event keeps identity, time, type, subject, trace, reach and data on its way, and has a sequence")
    func envelope() async throws {
        try await withMessagingHouse { house async throws in
            let outbox = house.outbox
            let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            try await house.database.write {
                try outbox.append(ThingHappened(thing: Self.one, number: 7), traceparent: trace, in: $0)
            }
            let committedAt = house.clock.now
            house.clock.advance(by: .seconds(30))
            let consumer = ConsumerDouble("one", house)
            #expect(try await house.relay([consumer]).relayOnce() == 1)
            let envelope = try #require(consumer.tried.all.first)
            #expect(envelope.id == SequentialIdentifiers.identifier(1))
            #expect(envelope.source == "/gapura/test")
            #expect(envelope.type == "thing.happened")
            #expect(envelope.subject == Self.one)
            #expect(envelope.time == committedAt)
            #expect(envelope.traceparent == trace)
            #expect(envelope.reach == .internal)
            #expect(envelope.sequence == "0000000000000000000\(envelope.number)")
            #expect(try EventCoding.decode(ThingHappened.self, from: envelope.data).number == 7)
        }
    }

    @Test("the reach of an event is in its row")
    func reach() async throws {
        try await withMessagingHouse { house async throws in
            let outbox = house.outbox
            try await house.publish(1...1)
            try await house.database.write { try outbox.append(ThingTold(subject: Self.one), in: $0) }
            let batch = try await house.queue.batch(at: house.clock.now, limit: 10)
            #expect(batch.events.map(\.envelope.reach) == [.internal, .public])
        }
    }

    @Test("events of one subject have their effects in the order of their commits")
    func order() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...40)
            let consumer = ConsumerDouble("one", house)
            try await house.drain([house.relay([consumer])])
            #expect(try await house.effects(of: "one") == Array(1...40))
            #expect(try await house.queue.count() == 0)
            #expect(try await house.parked().isEmpty)
        }
    }

    @Test("subjects are delivered side by side: all of a batch wait for one another at the consumer")
    func sideBySide() async throws {
        try await withMessagingHouse { house async throws in
            for number in 1...5 { try await house.publish(1...1, about: MessagingHouse.thing(UInt64(number))) }
            let (arrived, complete) = (Recorder<Identifier>(), Latch())
            let consumer = ConsumerDouble("one", house) { envelope in
                arrived.add(envelope.id)
                if arrived.all.count >= 5 { complete.open() }
                await complete.wait()
            }
            #expect(try await house.relay([consumer]).relayOnce() == 5)
        }
    }

    @Test("an event of which the process has no consumer leaves the outbox")
    func unheard() async throws {
        try await withMessagingHouse { house async throws in
            let outbox = house.outbox
            try await house.database.write { try outbox.append(ThingTold(subject: Self.one), in: $0) }
            #expect(try await house.relay([ConsumerDouble("one", house)]).relayOnce() == 1)
            #expect(try await house.queue.count() == 0)
            #expect(try await house.parked().isEmpty)
        }
    }

    @Test("an event whose removal is lost in a crash is delivered again, and has its effect once")
    func atLeastOnce() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...1)
            let consumer = ConsumerDouble("one", house)
            let batch = try await house.queue.batch(at: house.clock.now, limit: 10)
            // The first relay delivers and ends before it could note it.
            try await consumer.subscription.handle(try #require(batch.events.first).envelope)
            _ = try await house.relay([consumer]).relayOnce()
            #expect(consumer.tried.all.count == 2)
            #expect(consumer.tried.all[0] == consumer.tried.all[1])
            #expect(try await house.effects(of: "one") == [1])
        }
    }

    private struct ThingTold: DomainEvent {
        static let type = "thing.told"
        static let source = "/gapura/test"
        static let isPublic = true
        let subject: Identifier
    }
}
