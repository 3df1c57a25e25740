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
            await #expect(throws: ConsumerFailure.self) {
                try await house.database.write { transaction in
                    _ = try Inbox.accept(event, by: "one", at: now, in: transaction)
                    throw ConsumerFailure()
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

    @Test("the bus gives an event to every handler of its type and to no other")
    func routing() async throws {
        let heard = Recorder<String>()
        let bus = InProcessEventBus([
            .on(ThingHappened.self, consumer: "one") { event, _ in heard.add("first \(event.number)") },
            .on(ThingHappened.self, consumer: "one") { event, _ in heard.add("second \(event.number)") },
            Subscription(type: "other.type", consumer: "one") { _ in heard.add("third") },
        ])
        #expect(await bus.publish([try envelope()]).isEmpty)
        #expect(heard.all == ["first 3", "second 3"])
        #expect(await InProcessEventBus([]).publish([try envelope()]).isEmpty)
    }

    @Test("after a failure the bus tries no more events of its subject; others go on")
    func oneFails() async throws {
        let heard = Recorder<Int>()
        let bus = InProcessEventBus([
            .on(ThingHappened.self, consumer: "one") { event, _ in
                heard.add(event.number)
                if event.number == 2 { throw ConsumerFailure() }
            }
        ])
        let batch = try (1...3).map { try envelope($0) } + [try envelope(4, about: 2)]
        let failures = await bus.publish(batch)
        #expect(Set(failures.keys) == [batch[1].id])
        #expect(heard.all.sorted() == [1, 2, 4])
    }

    @Test("who hears of everything gets what it chooses of a batch; a choice that fails leaves the whole batch")
    func choosing() async throws {
        let heard = Recorder<Identifier>()
        let batch = try (1...4).map { try envelope($0) }
        let bus = InProcessEventBus([
            .onEverything(consumer: "one") {
                $0.filter { $0.number.isMultiple(of: 2) }
            } handle: {
                heard.add($0.id)
            }
        ])
        #expect(bus.types == nil)
        #expect(await bus.publish(batch).isEmpty)
        #expect(heard.all == [batch[1].id, batch[3].id])
        let broken = InProcessEventBus([
            .onEverything(consumer: "one") { _ in
                throw ConsumerFailure()
            } handle: {
                heard.add($0.id)
            }
        ])
        #expect(Set(await broken.publish(batch).keys) == Set(batch.map(\.id)))
        #expect(heard.all.count == 2)
    }

    @Test("handlers are groups by the name of their consumer")
    func grouping() {
        let groups = ConsumerGroup.groups(of: [
            Subscription(type: "a.b", consumer: "two") { _ in }, Subscription(type: "c.d", consumer: "one") { _ in },
            Subscription(type: "e.f", consumer: "two") { _ in },
        ])
        #expect(groups.map(\.name) == ["one", "two"])
        #expect(groups.map(\.types) == [["c.d"], ["a.b", "e.f"]])
    }

    private func accept(_ house: MessagingHouse, _ consumer: String) async throws -> Bool {
        let (event, now) = (event, house.clock.now)
        return try await house.database.write { try Inbox.accept(event, by: consumer, at: now, in: $0) }
    }

    private func envelope(_ number: Int = 3, about thing: UInt64 = 1) throws -> EventEnvelope {
        let happened = ThingHappened(thing: MessagingHouse.thing(thing), number: number)
        return EventEnvelope(
            id: SequentialIdentifiers.identifier(UInt64(100 + number)), source: ThingHappened.source,
            type: ThingHappened.type, subject: happened.subject, time: Timestamp(seconds: 0), traceparent: nil,
            data: try EventCoding.encode(happened), reach: .internal, number: number)
    }
}
