import Lifecycle
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("Relays side by side")
struct PartitionLeaseTests {
    private static let other = SequentialIdentifiers.identifier(78)

    @Test("two relays share the events out: each is delivered once, in order for its subject")
    func shares() async throws {
        try await withMessagingHouse { house async throws in
            for number in 1...40 { try await house.publish(1...3, about: MessagingHouse.thing(UInt64(number))) }
            let buses = [BusDouble(), BusDouble()]
            let relays = [house.relay(to: buses[0]), house.relay(to: buses[1], owner: Self.other)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for relay in relays {
                    group.addTask {
                        while try await relay.relayOnce() > 0 {}
                    }
                }
                try await group.waitForAll()
            }
            // Whoever finds nothing to take stops above; what is left is the other one's.
            while try await house.queue.count() > 0 { for relay in relays { _ = try await relay.relayOnce() } }
            for number in 1...40 {
                let thing = MessagingHouse.thing(UInt64(number))
                #expect(try buses.map { try $0.numbers(about: thing) }.contains([1, 2, 3]))
            }
            #expect(buses.map { $0.delivered.all.count }.reduce(0, +) == 120)
        }
    }

    @Test("what a relay holds that was killed is relayed by another one when its term is over, and not before")
    func takesOver() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...1)
            let fails = BusDouble { _ in true }
            _ = try await house.relay(to: fails).relayOnce()
            // Killed here. The event is due again, but its partition is held.
            house.clock.advance(by: .seconds(2))
            let bus = BusDouble()
            let relay = house.relay(to: bus, owner: Self.other)
            #expect(try await relay.relayOnce() == 0)
            house.clock.advance(by: PartitionLeases.term)
            #expect(try await relay.relayOnce() == 1)
            #expect(try bus.numbers() == [1])
        }
    }

    @Test("a relay that ends in order lets its partitions go at once")
    func releases() async throws {
        try await withMessagingHouse { house async throws in
            let leases = PartitionLeases(owner: house.queue.owner, database: house.database)
            #expect(try await leases.hold([1, 2], at: house.clock.now).count == 2)
            let others = PartitionLeases(owner: Self.other, database: house.database)
            #expect(try await others.hold([1, 2, 3], at: house.clock.now).keys.sorted() == [3])
            try await leases.release()
            #expect(try await others.hold([1, 2, 3], at: house.clock.now).keys.sorted() == [1, 2, 3])
        }
    }

    @Test("a lease is held again before its term ends, and its fence grows with every taking")
    func fences() async throws {
        try await withMessagingHouse { house async throws in
            let leases = PartitionLeases(owner: house.queue.owner, database: house.database)
            let first = try #require(try await leases.hold([5], at: house.clock.now)[5])
            house.clock.advance(by: .seconds(1))
            #expect(try await leases.hold([5], at: house.clock.now)[5]?.fence == first.fence)
            house.clock.advance(by: PartitionLeases.term)
            let others = PartitionLeases(owner: Self.other, database: house.database)
            let second = try #require(try await others.hold([5], at: house.clock.now)[5])
            #expect(second.fence > first.fence)
            #expect(try await leases.hold([5], at: house.clock.now).isEmpty)
        }
    }

    @Test("who has lost his lease neither postpones nor buries")
    func lostLease() async throws {
        try await withMessagingHouse { house async throws in
            try await house.publish(1...1)
            let entry = try #require(try await house.queue.due(at: house.clock.now, limit: 1).first)
            let leases = PartitionLeases(owner: house.queue.owner, database: house.database)
            let lease = try #require(try await leases.hold([entry.partition], at: house.clock.now)[entry.partition])
            house.clock.advance(by: PartitionLeases.term)
            let others = PartitionLeases(owner: Self.other, database: house.database)
            #expect(try await others.hold([entry.partition], at: house.clock.now).count == 1)
            let (late, now) = (house.clock.now + .seconds(3_600), house.clock.now)
            try await house.queue.postpone(entry, until: late, error: "late", fence: lease.fence)
            try await house.queue.bury(entry, at: now, error: "late", fence: lease.fence)
            #expect(try await house.queue.count() == 1)
            #expect(try await house.deadLetters().isEmpty)
            let theirs = OutboxQueue(database: house.database, owner: Self.other)
            #expect(try await theirs.due(at: now, limit: 1).count == 1)
        }
    }
}
