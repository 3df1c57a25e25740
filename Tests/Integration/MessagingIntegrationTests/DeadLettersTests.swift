import DatabaseSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("Dead letters")
struct DeadLettersTests {
    /// There are few, and they have an end.
    @Test("each part of the list is found in its order: a group's by an index of its own, the others along all")
    func plans() async throws {
        try await withMessagingHouse { house async throws in
            let id = SequentialIdentifiers.identifier(9)
            let filters = [
                DeadLetterFilter(), DeadLetterFilter(group: "access"), DeadLetterFilter(type: "a.b"),
                DeadLetterFilter(subject: id), DeadLetterFilter(group: "access", type: "a.b", subject: id),
                DeadLetterFilter(event: id),
            ]
            for after in [nil, DeadLetterKey("\(id)/access")] {
                for filter in filters {
                    let planned = PlannedDatabase(house.database)
                    _ = try await DeadLetters(planned, clock: house.clock).list(
                        filter, PageRequest(limit: 25, after: after))
                    let plan = try #require(planned.lists.first)
                    let isGood =
                        filter.group == nil ? plan.goesAlong("dead_letters") : plan.goes(by: "dead_letters_group")
                    #expect(isGood && !plan.sorts, "\(filter): \(plan)")
                }
            }
        }
    }

    private static let bad = MessagingHouse.thing(1)

    /// A house in which the group `fails` has given up these events of one subject.
    private func bury(
        _ numbers: ClosedRange<Int>, of subject: Identifier = bad, in house: MessagingHouse
    ) async throws {
        let broken = house.relay([ConsumerDouble("fails", house) { _ in throw ConsumerFailure() }])
        try await house.publish(numbers, about: subject)
        for _ in 0..<(numbers.count * 3) {
            try await house.drain([broken])
            house.clock.advance(by: .seconds(60))
        }
        #expect(try await house.parked().isEmpty)
    }

    private func letters(_ house: MessagingHouse) -> DeadLetters { DeadLetters(house.database, clock: house.clock) }

    @Test("a replayed letter is delivered, and later events of its subject go behind it")
    func replayed() async throws {
        try await withMessagingHouse { house async throws in
            try await bury(1...2, in: house)
            let letters = letters(house)
            let found = try await letters.list(DeadLetterFilter(), PageRequest()).items
            #expect(found.map(\.attempts) == [3, 3])
            #expect(found.allSatisfy { $0.group == "fails" && $0.event.subject == Self.bad })
            let noted = Recorder<Identifier>()
            let outcome = try await letters.replay(DeadLetterFilter(group: "fails")) { letter, _ in
                noted.add(letter.event.id)
            }
            #expect(outcome == DeadLetters.Outcome(count: 2, remaining: 0, withoutGroup: 0))
            #expect(Set(noted.all) == Set(found.map(\.event.id)))
            #expect(try await house.parked() == ["fails 1 0", "fails 2 0"])
            try await house.publish(3...3, about: Self.bad)
            try await house.drain([house.relay([ConsumerDouble("fails", house)])])
            #expect(try await house.effects(of: "fails") == [1, 2, 3])
            #expect(try await house.deadLetters().isEmpty)
        }
    }

    @Test("one that fails again has all its attempts before it becomes a letter again")
    func again() async throws {
        try await withMessagingHouse { house async throws in
            try await bury(1...1, in: house)
            let first = try #require(try await letters(house).list(DeadLetterFilter(), PageRequest()).items.first)
            _ = try await letters(house).replay(DeadLetterFilter(event: first.event.id))
            let broken = ConsumerDouble("fails", house) { _ in throw ConsumerFailure() }
            let relay = house.relay([broken])
            for _ in 0..<3 {
                try await house.drain([relay])
                house.clock.advance(by: .seconds(60))
            }
            #expect(broken.tried.all.count == 3)
            #expect(try await house.deadLetters().map(\.attempts) == [3])
        }
    }

    @Test("a filter takes the letters of a group, a type, a subject, an event or a time, and no others")
    func filters() async throws {
        try await withMessagingHouse { house async throws in
            try await bury(1...2, in: house)
            let between = house.clock.now
            house.clock.advance(by: .seconds(1))
            try await bury(1...1, of: MessagingHouse.thing(2), in: house)
            let letters = letters(house)
            func count(_ filter: DeadLetterFilter) async throws -> Int {
                try await letters.list(filter, PageRequest()).items.count
            }
            #expect(try await count(DeadLetterFilter(group: "fails")) == 3)
            #expect(try await count(DeadLetterFilter(group: "other")) == 0)
            #expect(try await count(DeadLetterFilter(type: ThingHappened.type)) == 3)
            #expect(try await count(DeadLetterFilter(type: ThingFollowed.type)) == 0)
            #expect(try await count(DeadLetterFilter(subject: Self.bad)) == 2)
            #expect(try await count(DeadLetterFilter(until: between)) == 2)
            #expect(try await count(DeadLetterFilter(from: between)) == 1)
            let outcome = try await letters.discard(DeadLetterFilter(from: between))
            #expect(outcome == DeadLetters.Outcome(count: 1, remaining: 0, withoutGroup: 0))
            #expect(try await house.parked().isEmpty)
            #expect(try await count(DeadLetterFilter()) == 2)
        }
    }

    @Test("the list goes on behind its cursor, without a gap or a repeat")
    func pages() async throws {
        try await withMessagingHouse { house async throws in
            try await bury(1...5, in: house)
            let letters = letters(house)
            var seen: [Identifier] = []
            var last: DeadLetterKey?
            repeat {
                let page = try await letters.list(DeadLetterFilter(), PageRequest(limit: 2, after: last))
                seen += page.items.map(\.event.id)
                last = page.next
            } while last != nil
            #expect(seen.count == 5 && seen == seen.sorted(by: >))
        }
    }

    @Test("a letter of a group that is gone stays, and can be discarded")
    func withoutGroup() async throws {
        try await withMessagingHouse { house async throws in
            try await bury(1...1, in: house)
            house.clock.advance(by: .seconds(3_600))
            #expect(try await house.groups.remove("fails", at: house.clock.now) == .removed(parked: 0))
            let letters = letters(house)
            let outcome = try await letters.replay(DeadLetterFilter(group: "fails"))
            #expect(outcome == DeadLetters.Outcome(count: 0, remaining: 0, withoutGroup: 1))
            #expect(try await house.deadLetters().count == 1)
            #expect(try await letters.discard(DeadLetterFilter(group: "fails")).count == 1)
            #expect(try await house.deadLetters().isEmpty)
        }
    }

    @Test("a letter of 0.1.0 goes to every group that hears of its type; one that has had the event does nothing")
    func legacy() async throws {
        try await withMessagingHouse { house async throws in
            let (had, missed, deaf) = ("had", "missed", "deaf")
            let relay = house.relay(
                [ConsumerDouble(had, house), ConsumerDouble(missed, house)],
                following: [ConsumerDouble(deaf, house)])
            _ = try await relay.relayOnce()
            let id = SequentialIdentifiers.identifier(500)
            let now = house.clock.now
            try await house.database.write { transaction in
                #expect(try Inbox.accept(id, by: had, at: now, in: transaction))
                try transaction.submit(
                    """
                    INSERT INTO dead_letters (id, source, type, subject, time, data, attempts, error, buried_at)
                    VALUES (\(id), '/gapura/test', 'thing.happened', \(Self.bad), \(now),
                        \(json: #"{"thing":"\#(Self.bad)","number":9}"#), 20, 'it failed', \(now))
                    """)
            }
            #expect(try await letters(house).replay(DeadLetterFilter(event: id)).count == 1)
            #expect(try await house.parked() == ["had 9 0", "missed 9 0"])
            try await house.drain([relay])
            #expect(try await house.effects(of: had).isEmpty)
            #expect(try await house.effects(of: missed) == [9])
        }
    }

    @Test("deliveries are counted by what came of them, and the status has what is parked and given up")
    func counted() async throws {
        try await withMessagingHouse { house async throws in
            let healthy = ConsumerDouble("works", house)
            let relay = house.relay([ConsumerDouble("fails", house) { _ in throw ConsumerFailure() }, healthy])
            try await house.publish(1...2, about: Self.bad)
            _ = try await relay.relayOnce()
            var status = try await EventStatus.read(house.database)
            let fails = try #require(status.groups.first { $0.name == "fails" })
            #expect((fails.parked, fails.failing, fails.deadLetters) == (2, 1, 0))
            #expect(fails.oldestAt != nil && status.waiting == 0 && status.waitingSince == nil)
            for _ in 0..<6 {
                house.clock.advance(by: .seconds(60))
                try await house.drain([relay])
            }
            func count(_ outcome: DeliveryCounts.Outcome, _ group: String) -> Int {
                relay.deliveries.count(outcome, of: group)
            }
            #expect(count(.delivered, "works") == 2 && count(.failed, "works") == 0)
            #expect(count(.delivered, "fails") == 0 && count(.failed, "fails") == 4 && count(.givenUp, "fails") == 2)
            status = try await EventStatus.read(house.database)
            #expect(status.deadLetters == 2 && status.groups.first { $0.name == "fails" }?.deadLetters == 2)
            try await house.publish(3...3)
            #expect(try await EventStatus.read(house.database).waitingSince == house.clock.now)
        }
    }
}
