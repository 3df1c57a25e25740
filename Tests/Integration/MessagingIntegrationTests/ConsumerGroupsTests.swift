import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("Consumer groups")
struct ConsumerGroupsTests {
    private static let thing = MessagingHouse.thing(1)

    @Test("a group that does not run just now gets its events later, in order, and nobody waits for it")
    func later() async throws {
        try await withMessagingHouse { house async throws in
            let (one, two) = (ConsumerDouble("one", house), ConsumerDouble("two", house))
            try await house.drain([house.relay([one, two])])
            // From here a process runs that knows the first group only.
            try await house.publish(1...3)
            let alone = house.relay([one], owner: MessagingHouse.otherOwner)
            house.clock.advance(by: EventLeases.term)
            try await house.drain([alone])
            #expect(try await house.effects(of: "one") == [1, 2, 3])
            #expect(try await house.queue.count() == 0)
            #expect(try await house.parked() == ["two 1 0", "two 2 0", "two 3 0"])
            house.clock.advance(by: .seconds(86_400))
            try await house.publish(4...4)
            try await house.drain([alone, house.relay([two], owner: SequentialIdentifiers.identifier(79))])
            #expect(try await house.effects(of: "two") == [1, 2, 3, 4])
            #expect(try await house.effects(of: "one") == [1, 2, 3, 4])
            #expect(try await house.parked().isEmpty)
        }
    }

    @Test("modules may run apart: each process has the events of its groups, each effect once and in order")
    func apart() async throws {
        try await withMessagingHouse { house async throws in
            let (one, two) = (ConsumerDouble("one", house), ConsumerDouble("two", house))
            let relays = [house.relay([one]), house.relay([two], owner: MessagingHouse.otherOwner)]
            try await house.drain(relays)
            for number in 1...20 { try await house.publish(1...3, about: MessagingHouse.thing(UInt64(number))) }
            try await house.drain(relays)
            for number in 1...20 {
                let thing = MessagingHouse.thing(UInt64(number))
                #expect(try await house.effects(of: "one", about: thing) == [1, 2, 3])
                #expect(try await house.effects(of: "two", about: thing) == [1, 2, 3])
            }
        }
    }

    @Test("events of a type that an absent group does not hear of are not kept for it")
    func types() async throws {
        try await withMessagingHouse { house async throws in
            let other = ConsumerGroup(name: "other", types: ["other.type"], bus: InProcessEventBus([]))
            try await house.groups.note([other], at: house.clock.now, isStart: true)
            let all = ConsumerGroup(name: "all", types: nil, bus: InProcessEventBus([]))
            try await house.groups.note([all], at: house.clock.now, isStart: true)
            try await house.publish(1...1)
            #expect(try await house.relay([ConsumerDouble("one", house)]).relayOnce() == 1)
            #expect(try await house.parked() == ["all 1 0"])
        }
    }

    @Test("a group that no process has run for seven days is reported once a day, and counted")
    func idle() async throws {
        try await withMessagingHouse { house async throws in
            let one = ConsumerDouble("one", house)
            _ = try await house.relay([one, ConsumerDouble("two", house)]).relayOnce()
            let relay = house.relay([one], owner: MessagingHouse.otherOwner)
            house.clock.advance(by: ConsumerGroups.idleAfter)
            _ = try await relay.relayOnce()
            #expect(relay.figures?.idleGroups == 0)
            #expect(house.log.messages.isEmpty)
            for _ in 1...3 {
                house.clock.advance(by: .seconds(60))
                _ = try await relay.relayOnce()
            }
            #expect(relay.figures?.idleGroups == 1)
            #expect(house.log.messages == ["no process has run a consumer group for 7 days"])
            house.clock.advance(by: .seconds(86_400))
            _ = try await relay.relayOnce()
            #expect(house.log.messages.count == 2)
        }
    }

    @Test("removing a group ends what is owed to it; one that runs, or is not there, is not removed")
    func remove() async throws {
        try await withMessagingHouse { house async throws in
            let one = ConsumerDouble("one", house)
            _ = try await house.relay([one, ConsumerDouble("two", house)]).relayOnce()
            let relay = house.relay([one], owner: MessagingHouse.otherOwner)
            try await house.publish(1...2)
            house.clock.advance(by: .seconds(60))
            _ = try await relay.relayOnce()
            #expect(try await house.groups.remove("two", at: house.clock.now) == .isRunning)
            house.clock.advance(by: .seconds(600))
            _ = try await relay.relayOnce()
            let listed = try await house.groups.list()
            #expect(listed.map(\.name) == ["one", "two"])
            #expect(listed.map(\.parked) == [0, 2])
            #expect(try await house.groups.remove("one", at: house.clock.now) == .isRunning)
            #expect(try await house.groups.remove("three", at: house.clock.now) == .unknown)
            #expect(try await house.groups.remove("two", at: house.clock.now) == .removed(parked: 2))
            try await house.publish(3...3)
            _ = try await relay.relayOnce()
            #expect(try await house.parked().isEmpty)
            #expect(try await house.effects(of: "one") == [1, 2, 3])
        }
    }

    @Test("a group that was removed while its process was away is there again with the process's next events")
    func returns() async throws {
        try await withMessagingHouse { house async throws in
            let relay = house.relay([ConsumerDouble("one", house)])
            _ = try await relay.relayOnce()
            try await house.database.write { try $0.execute("DELETE FROM consumer_groups") }
            try await house.publish(1...1)
            #expect(try await relay.relayOnce() == 1)
            #expect(try await house.effects(of: "one") == [1])
            #expect(try await house.groups.list().map(\.name) == ["one"])
        }
    }
}
