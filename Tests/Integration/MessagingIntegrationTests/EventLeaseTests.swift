import Lifecycle
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("Relays side by side")
struct EventLeaseTests {
    private func key(_ partition: Int, _ group: String = EventLeases.outbox) -> EventLeases.Key {
        EventLeases.Key(group: group, partition: partition)
    }

    @Test("two relays share the events out: each has its effect once, in order for its subject")
    func shares() async throws {
        try await withMessagingHouse { house async throws in
            for number in 1...40 { try await house.publish(1...3, about: MessagingHouse.thing(UInt64(number))) }
            let consumers = [ConsumerDouble("one", house), ConsumerDouble("one", house)]
            let relays = [
                house.relay([consumers[0]]), house.relay([consumers[1]], owner: MessagingHouse.otherOwner),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for relay in relays {
                    group.addTask {
                        try await until { try await relay.relayOnce() == 0 }
                    }
                }
                try await group.waitForAll()
            }
            // Whichever finds nothing to take stops above; what is left is the other one's.
            try await house.drain(relays)
            for number in 1...40 {
                #expect(try await house.effects(of: "one", about: MessagingHouse.thing(UInt64(number))) == [1, 2, 3])
            }
        }
    }

    @Test("what a killed relay held is relayed by another one when its term is over, and not before")
    func takesOver() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...1)
            let away = ConsumerDouble("one", house) { _ in throw Unavailable("database", reason: "killed here") }
            #expect(try await house.relay([away]).relayOnce() == 0)
            let consumer = ConsumerDouble("one", house)
            let relay = house.relay([consumer], owner: MessagingHouse.otherOwner)
            #expect(try await relay.relayOnce() == 0)
            house.clock.advance(by: EventLeases.term)
            #expect(try await relay.relayOnce() == 1)
            #expect(try await house.effects(of: "one") == [1])
        }
    }

    @Test("a lease that is lost in the middle of a batch: each effect is there once, in order, and nothing is parked")
    func lostInMidBatch() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...3)
            let other = house.relay([ConsumerDouble("one", house)], owner: MessagingHouse.otherOwner)
            let clock = house.clock
            let second = SequentialIdentifiers.identifier(2)
            let slow = ConsumerDouble("one", house) { envelope in
                guard envelope.id == second else { return }
                // Slower than its lease; another relay has everything meanwhile.
                clock.advance(by: EventLeases.term)
                _ = try await other.relayOnce()
                throw ConsumerFailure()
            }
            #expect(try await house.relay([slow]).relayOnce() == 0)
            #expect(try await house.effects(of: "one") == [1, 2, 3])
            #expect(try await house.queue.count() == 0)
            #expect(try await house.parked().isEmpty)
        }
    }

    @Test("a retry whose lease is lost neither postpones nor buries")
    func lostRetry() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...1)
            let failing = house.relay([ConsumerDouble("one", house) { _ in throw ConsumerFailure() }])
            _ = try await failing.relayOnce()
            house.clock.advance(by: EventLeases.term)
            let parked = ParkedEvents(database: house.database, owner: MessagingHouse.owner)
            let event = try #require(try await parked.due(of: ["one"], at: house.clock.now, limit: 1).first)
            let leases = EventLeases(owner: MessagingHouse.owner, database: house.database)
            let held = try await leases.hold([key(event.row.partition, "one")], at: house.clock.now)
            house.clock.advance(by: EventLeases.term)
            let others = EventLeases(owner: MessagingHouse.otherOwner, database: house.database)
            #expect(try await others.hold([key(event.row.partition, "one")], at: house.clock.now).count == 1)
            for outcome in [ParkedOutcome.failed(until: house.clock.now, error: "late"), .givenUp(error: "late")] {
                try await parked.settle([(event, outcome)], under: held, at: house.clock.now)
            }
            #expect(try await house.parked() == ["one 1 1"])
            #expect(try await house.deadLetters().isEmpty)
        }
    }

    @Test("a relay that ends in order lets its partitions go at once")
    func releases() async throws {
        try await withMessagingHouse { house async throws in
            let leases = EventLeases(owner: MessagingHouse.owner, database: house.database)
            #expect(try await leases.hold([key(1), key(2)], at: house.clock.now).count == 2)
            let others = EventLeases(owner: MessagingHouse.otherOwner, database: house.database)
            let wanted: Set = [key(1), key(2), key(3)]
            #expect(try await others.hold(wanted, at: house.clock.now).keys.sorted() == [key(3)])
            try await leases.release()
            house.clock.advance(by: .seconds(1))
            #expect(try await others.hold(wanted, at: house.clock.now).count == 3)
        }
    }

    @Test("the lease of a group is not that of another one or of the outbox")
    func groups() async throws {
        try await withMessagingHouse { house async throws in
            let leases = EventLeases(owner: MessagingHouse.owner, database: house.database)
            #expect(try await leases.hold([key(1, "one")], at: house.clock.now).count == 1)
            let others = EventLeases(owner: MessagingHouse.otherOwner, database: house.database)
            let wanted: Set = [key(1), key(1, "one"), key(1, "two")]
            let held = try await others.hold(wanted, at: house.clock.now)
            #expect(held.keys.sorted() == [key(1), key(1, "two")])
        }
    }

    @Test("a renewed lease keeps its fence; one that another process had, or that lapsed, has a higher one")
    func fences() async throws {
        try await withMessagingHouse { house async throws in
            let leases = EventLeases(owner: MessagingHouse.owner, database: house.database)
            let first = try #require(try await leases.hold([key(5)], at: house.clock.now)[key(5)])
            house.clock.advance(by: .seconds(7))
            let renewed = try #require(try await leases.hold([key(5)], at: house.clock.now)[key(5)])
            #expect(renewed.fence == first.fence)
            #expect(renewed.until > first.until)
            house.clock.advance(by: EventLeases.term)
            let others = EventLeases(owner: MessagingHouse.otherOwner, database: house.database)
            let second = try #require(try await others.hold([key(5)], at: house.clock.now)[key(5)])
            #expect(second.fence > first.fence)
            #expect(try await leases.hold([key(5)], at: house.clock.now).isEmpty)
        }
    }
}
