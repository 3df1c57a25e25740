import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("Parked events")
struct ParkedEventsTests {
    private static let bad = MessagingHouse.thing(1)
    private static let good = MessagingHouse.thing(2)

    private func failing(_ house: MessagingHouse, on subject: Identifier = bad) -> ConsumerDouble {
        ConsumerDouble("fails", house) { if $0.subject == subject { throw ConsumerFailure() } }
    }

    @Test("a failing event holds up later ones of its subject for its group, and nothing else")
    func alone() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...3, about: Self.bad)
            try await house.publish(1...3, about: Self.good)
            let relay = house.relay([failing(house), ConsumerDouble("works", house)])
            #expect(try await relay.relayOnce() == 6)
            try await house.publish(4...4, about: Self.bad)
            try await house.publish(4...4, about: Self.good)
            #expect(try await relay.relayOnce() == 2)
            #expect(try await house.effects(of: "fails", about: Self.good) == [1, 2, 3, 4])
            #expect(try await house.effects(of: "fails", about: Self.bad).isEmpty)
            #expect(try await house.effects(of: "works", about: Self.bad) == [1, 2, 3, 4])
            #expect(try await house.parked() == ["fails 1 1", "fails 2 0", "fails 3 0", "fails 4 0"])
            #expect(try await house.queue.count() == 0)
        }
    }

    @Test("a failing subject beside a thousand healthy ones delays none of them")
    func thousand() async throws {
        try await withMessagingHouse { house async throws in
            let outbox = house.outbox
            try await house.publish(1...2, about: Self.bad)
            for block in 0..<4 {
                try await house.database.write { transaction in
                    for number in 0..<250 {
                        let thing = MessagingHouse.thing(UInt64(1_000 + block * 250 + number))
                        try outbox.append(ThingHappened(thing: thing, number: 1), in: transaction)
                    }
                }
            }
            let relay = house.relay([failing(house)])
            try await until { try await relay.relayOnce() == 0 }
            #expect(try await house.effects(of: "fails").count == 1_000)
            #expect(try await house.parked() == ["fails 1 1", "fails 2 0"])
        }
    }

    @Test("a failed event is tried again when its delay is over, and then its subject is worked off in order")
    func retries() async throws {
        try await withMessagingHouse { house async throws in
            let attempts = Recorder<Timestamp>()
            let clock = house.clock
            let consumer = ConsumerDouble("one", house) { _ in
                attempts.add(clock.now)
                if attempts.all.count < 3 { throw ConsumerFailure() }
            }
            try await house.publish(1...3)
            let relay = house.relay([consumer])
            let start = clock.now
            _ = try await relay.relayOnce()
            clock.advance(by: .milliseconds(999))
            #expect(try await relay.retryOnce() == 0)
            #expect(attempts.all == [start])
            clock.advance(by: .milliseconds(1))
            #expect(try await relay.retryOnce() == 0)
            clock.advance(by: .milliseconds(1_999))
            #expect(try await relay.retryOnce() == 0)
            #expect(attempts.all == [start, start + .seconds(1)])
            clock.advance(by: .milliseconds(1))
            try await house.drain([relay])
            #expect(try await house.effects(of: "one") == [1, 2, 3])
            #expect(try await house.parked().isEmpty)
            #expect(house.log.messages.allSatisfy { $0 == "an event could not be delivered" })
        }
    }

    @Test("after the last attempt an event is a dead letter of its group, and its subject goes on")
    func deadLetter() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...3)
            let first = SequentialIdentifiers.identifier(1)
            let consumer = ConsumerDouble("fails", house) { if $0.id == first { throw ConsumerFailure() } }
            let relay = house.relay([consumer, ConsumerDouble("works", house)])
            _ = try await relay.relayOnce()
            for _ in 1...2 {
                house.clock.advance(by: .seconds(60))
                _ = try await relay.retryOnce()
            }
            let dead = try await house.deadLetters()
            #expect(dead.map(\.group) == ["fails"])
            #expect(dead.first?.attempts == 3)
            #expect(dead.first?.error == "ConsumerFailure()")
            #expect(house.log.messages.last == "an event became a dead letter")
            try await house.drain([relay])
            #expect(try await house.effects(of: "fails") == [2, 3])
            #expect(try await house.effects(of: "works") == [1, 2, 3])
            #expect(try await house.parked().isEmpty)
        }
    }

    @Test("a failing store parks and counts nothing, and later everything has its effect in order")
    func failingStore() async throws {
        try await withMessagingHouse { house async throws in
            let isAway = Recorder<Bool>()
            let consumer = ConsumerDouble("one", house) { envelope in
                if isAway.all.isEmpty, envelope.subject == Self.bad {
                    throw Unavailable("database", reason: "as the test said")
                }
            }
            try await house.publish(1...2, about: Self.bad)
            try await house.publish(1...2, about: Self.good)
            let relay = house.relay([consumer, ConsumerDouble("other", house)])
            #expect(try await relay.relayOnce() == 2)
            #expect(try await relay.relayOnce() == 0)
            #expect(try await house.parked().isEmpty)
            #expect(try await house.queue.count() == 2)
            #expect(try await house.effects(of: "one", about: Self.good) == [1, 2])
            isAway.add(false)
            #expect(try await relay.relayOnce() == 2)
            #expect(try await house.effects(of: "one", about: Self.bad) == [1, 2])
            #expect(try await house.effects(of: "other", about: Self.bad) == [1, 2])
        }
    }

    @Test("while the store is away for one group, another has nothing of the subject that is behind a failed event")
    func failingStoreAndConsumer() async throws {
        try await withMessagingHouse { house async throws in
            let isAway = Recorder<Bool>()
            let away = ConsumerDouble("away", house) { _ in
                if isAway.all.isEmpty { throw Unavailable("database", reason: "as the test said") }
            }
            let fails = ConsumerDouble("fails", house) { _ in
                if isAway.all.isEmpty { throw ConsumerFailure() }
            }
            try await house.publish(1...1)
            let outbox = house.outbox
            try await house.database.write { transaction in
                try outbox.append(ThingFollowed(thing: Self.bad, number: 2), in: transaction)
            }
            let relay = house.relay([away, fails], following: [fails])
            #expect(try await relay.relayOnce() == 0)
            #expect(try await house.parked().isEmpty)
            isAway.add(false)
            try await house.drain([relay])
            #expect(try await house.effects(of: "fails") == [1, 2])
            #expect(try await house.effects(of: "away") == [1])
        }
    }

    @Test("an event that always finds the store away, while the store works, is parked in the end")
    func excusedTooOften() async throws {
        try await withMessagingHouse { house async throws in
            let consumer = ConsumerDouble("one", house) { _ in throw Unavailable("database", reason: "too slow") }
            try await house.publish(1...1)
            let relay = house.relay([consumer])
            for _ in 1...30 { #expect(try await relay.relayOnce() == 0) }
            #expect(try await relay.relayOnce() == 1)
            #expect(try await house.parked() == ["one 1 1"])
        }
    }

    @Test("a subject with very many events is worked off beside the others, in order")
    func flood() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...60, about: Self.bad)
            try await house.publish(1...1, about: Self.good)
            let relay = house.relay([ConsumerDouble("one", house)])
            #expect(try await relay.relayOnce() == 61)
            #expect(try await house.effects(of: "one", about: Self.good) == [1])
            #expect(try await house.parked().count == 60 - HandOver.ofOneSubjectMax)
            try await house.publish(61...61, about: Self.bad)
            try await house.drain([relay])
            #expect(try await house.effects(of: "one", about: Self.bad) == Array(1...61))
        }
    }
}
