import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("The outbox")
struct OutboxTests {
    @Test("an event is committed with its cause, or not at all")
    func withItsCause() async throws {
        try await withMessagingHouse { house async throws in
            try await house.database.write { try $0.script("CREATE TABLE causes (name TEXT)") }
            let outbox = house.outbox
            for (name, fails) in [("kept", false), ("lost", true)] {
                let commit = {
                    try await house.database.write { transaction in
                        try transaction.execute("INSERT INTO causes (name) VALUES (\(name))")
                        try outbox.append(ThingHappened(thing: MessagingHouse.thing(1), number: 1), in: transaction)
                        if fails { throw BusDouble.Failure() }
                    }
                }
                if fails {
                    await #expect(throws: BusDouble.Failure.self) { try await commit() }
                } else {
                    try await commit()
                }
            }
            let causes = try await house.database.read { try $0.query("SELECT name FROM causes") { try $0.text(0) } }
            #expect(causes == ["kept"])
            #expect(try await house.queue.count() == 1)
        }
    }

    @Test("an event keeps its identity, time, type, subject, trace and data on its way")
    func envelope() async throws {
        try await withMessagingHouse { house async throws in
            let outbox = house.outbox
            let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            try await house.database.write {
                try outbox.append(
                    ThingHappened(thing: MessagingHouse.thing(1), number: 7), traceparent: trace, in: $0)
            }
            let committedAt = house.clock.now
            house.clock.advance(by: .seconds(30))
            let bus = BusDouble()
            #expect(try await house.relay(to: bus).relayOnce() == 1)
            let envelope = try #require(bus.delivered.all.first)
            #expect(envelope.id == SequentialIdentifiers.identifier(1))
            #expect(envelope.source == "/gapura/test")
            #expect(envelope.type == "thing.happened")
            #expect(envelope.subject == MessagingHouse.thing(1))
            #expect(envelope.time == committedAt)
            #expect(envelope.traceparent == trace)
            #expect(try EventCoding.decode(ThingHappened.self, from: envelope.data).number == 7)
        }
    }

    @Test("events of one subject are delivered in the order of their commits, one in each batch")
    func order() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...5)
            let bus = BusDouble()
            let relay = house.relay(to: bus)
            for expected in 1...5 {
                #expect(try await relay.relayOnce() == 1)
                #expect(try bus.numbers() == Array(1...expected))
            }
            #expect(try await relay.relayOnce() == 0)
            #expect(try await house.queue.count() == 0)
        }
    }

    @Test("subjects are delivered side by side: all of a batch wait for one another at the bus")
    func sideBySide() async throws {
        try await withMessagingHouse { house async throws in
            for number in 1...5 { try await house.publish(1...2, about: MessagingHouse.thing(UInt64(number))) }
            let bus = MeetingBus(count: 5)
            #expect(try await house.relay(to: bus).relayOnce() == 5)
            #expect(try await house.queue.count() == 5)
        }
    }

    @Test("a subject that fails does not stop others, and keeps its own order")
    func failingSubject() async throws {
        try await withMessagingHouse { house async throws in
            let (bad, good) = (MessagingHouse.thing(1), MessagingHouse.thing(2))
            try await house.publish(1...2, about: bad)
            try await house.publish(1...3, about: good)
            let bus = BusDouble { $0.subject == bad }
            let relay = house.relay(to: bus)
            for _ in 1...3 { #expect(try await relay.relayOnce() == 1) }
            #expect(try bus.numbers(about: good) == [1, 2, 3])
            #expect(try bus.numbers(about: bad) == [])
            #expect(try await house.queue.count() == 2)
        }
    }

    @Test("a failed event is tried again when its delay is over, and not before")
    func retries() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...1)
            let attempts = Recorder<Timestamp>()
            let clock = house.clock
            let relay = house.relay(
                to: BusDouble { _ in
                    attempts.add(clock.now)
                    return true
                })
            let start = clock.now
            #expect(try await relay.relayOnce() == 0)
            clock.advance(by: .milliseconds(999))
            #expect(try await relay.relayOnce() == 0)
            #expect(attempts.all == [start])
            clock.advance(by: .milliseconds(1))
            _ = try await relay.relayOnce()
            clock.advance(by: .milliseconds(1_999))
            _ = try await relay.relayOnce()
            #expect(attempts.all == [start, start + .seconds(1)])
            #expect(house.log.messages == ["an event could not be delivered", "an event could not be delivered"])
        }
    }

    @Test("after the last attempt an event is a dead letter, and those behind it go on at once")
    func deadLetter() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...2)
            let first = SequentialIdentifiers.identifier(1)
            let bus = BusDouble { $0.id == first }
            let relay = house.relay(to: bus)
            for _ in 1...2 {
                #expect(try await relay.relayOnce() == 0)
                house.clock.advance(by: .seconds(60))
            }
            #expect(try await relay.relayOnce() == 1)
            let dead = try await house.deadLetters()
            #expect(dead.count == 1)
            #expect(dead.first?.attempts == 3)
            #expect(dead.first?.error == "Failure()")
            #expect(house.log.messages.last == "an event became a dead letter")
            #expect(try await relay.relayOnce() == 1)
            #expect(try bus.numbers() == [2])
            #expect(try await house.queue.count() == 0)
        }
    }

    @Test("an event whose removal is lost in a crash is delivered again, the same")
    func atLeastOnce() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...1)
            let due = try await house.queue.due(at: house.clock.now, limit: 10)
            let bus = BusDouble()
            // The first relay delivers and ends before it could note it.
            try await bus.publish(try #require(due.first).envelope)
            _ = try await house.relay(to: bus).relayOnce()
            #expect(bus.delivered.all.count == 2)
            #expect(bus.delivered.all[0] == bus.delivered.all[1])
        }
    }

    /// Lets nobody through before so many have come.
    private final class MeetingBus: EventBus {
        private let count: Int
        private let arrived = Recorder<Identifier>()
        private let complete = Latch()

        init(count: Int) { self.count = count }

        func publish(_ envelope: EventEnvelope) async throws {
            arrived.add(envelope.id)
            if arrived.all.count >= count { complete.open() }
            await complete.wait()
        }
    }
}
