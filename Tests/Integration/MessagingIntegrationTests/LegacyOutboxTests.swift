import DatabaseSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import Messaging

/// What 0.1.0 does with the outbox, by its own statements: a process of it may run beside this version for one release.
@Suite("0.1.0 beside this version")
struct LegacyOutboxTests {
    private static let thing = MessagingHouse.thing(1)

    /// As 0.1.0 appended an event.
    private func appendAsBefore(_ number: Int, type: String = "thing.happened", _ house: MessagingHouse) async throws {
        let (id, now) = (house.identifiers.next(), house.clock.now)
        let data = try EventCoding.encode(ThingHappened(thing: Self.thing, number: number))
        try await house.database.write { transaction in
            try transaction.submit(
                """
                INSERT INTO outbox
                    (id, source, type, subject, time, traceparent, data, attempts, next_attempt_at, partition)
                VALUES (\(id), \("/gapura/test"), \(type), \(Self.thing), \(now), \(String?.none), \(json: data), \(0),
                    \(now), \(EventPartition.of(Self.thing)))
                """)
        }
    }

    /// As the relay of 0.1.0 looked for events.
    private func dueAsBefore(_ house: MessagingHouse) async throws -> [(number: Int, id: Identifier)] {
        let now = house.clock.now
        return try await house.database.read { transaction in
            try transaction.query(
                """
                SELECT number, id FROM outbox AS waiting
                WHERE next_attempt_at <= \(now) AND NOT EXISTS (
                    SELECT 1 FROM outbox AS earlier
                    WHERE earlier.subject = waiting.subject AND earlier.number < waiting.number)
                ORDER BY number LIMIT \(256)
                """
            ) { (number: try $0.integer(0), id: try $0.identifier(1)) }
        }
    }

    private func removeAsBefore(_ number: Int, _ house: MessagingHouse) async throws {
        try await house.database.write { try $0.submit("DELETE FROM outbox WHERE number = \(number)") }
    }

    @Test("what 0.1.0 writes reaches every group, a new one too, in one order with newer events")
    func written() async throws {
        try await withMessagingHouse { house async throws in
            let relay = house.relay([ConsumerDouble("one", house), ConsumerDouble("new", house)])
            try await appendAsBefore(1, house)
            try await house.publish(2...2)
            try await appendAsBefore(3, house)
            #expect(try await dueAsBefore(house).isEmpty)
            try await house.drain([relay])
            #expect(try await house.effects(of: "one") == [1, 2, 3])
            #expect(try await house.effects(of: "new") == [1, 2, 3])
            house.clock.advance(by: .seconds(3_600))
            #expect(try await dueAsBefore(house).isEmpty)
        }
    }

    @Test("if no newer process relays, 0.1.0 delivers what it wrote after 30 s; other groups have it later, each once")
    func alone() async throws {
        try await withMessagingHouse { house async throws in
            let one = ConsumerDouble("one", house)
            try await appendAsBefore(1, house)
            house.clock.advance(by: .seconds(29))
            #expect(try await dueAsBefore(house).isEmpty)
            house.clock.advance(by: .seconds(1))
            let due = try #require(try await dueAsBefore(house).first)
            let row = try #require(try await house.queue.batch(at: house.clock.now, limit: 1).events.first)
            #expect(row.envelope.id == due.id)
            try await one.subscription.handle(row.envelope)
            try await removeAsBefore(due.number, house)
            try await house.drain([house.relay([one, ConsumerDouble("new", house)])])
            #expect(one.tried.all.count == 2)
            #expect(try await house.effects(of: "one") == [1])
            #expect(try await house.effects(of: "new") == [1])
        }
    }

    @Test("its four internal events stay internal, the others may leave")
    func reach() async throws {
        try await withMessagingHouse { house async throws in
            let internals = [
                "user.verification_requested", "user.password_reset_requested", "user.login_code_requested",
                "user.email_change_requested",
            ]
            for type in internals + ["user.created"] { try await appendAsBefore(1, type: type, house) }
            let batch = try await house.queue.batch(at: house.clock.now, limit: 10)
            #expect(batch.events.map(\.envelope.reach) == [.internal, .internal, .internal, .internal, .public])
        }
    }

    @Test("undelivered events, groups and dead letters of 0.1.0 survive the migration")
    func migrates() async throws {
        for dialect in Dialect.allCases {
            try await withDatabase(dialect, []) { database in
                let all = TestSchema.messaging.migrations(for: dialect)
                _ = try await Migrator(all.filter { $0.version <= 3 }).up(database)
                let house = MessagingHouse(database: database)
                for number in 1...3 { try await appendAsBefore(number, house) }
                let (id, now) = (house.identifiers.next(), house.clock.now)
                try await database.write { transaction in
                    _ = try Inbox.accept(id, by: "one", at: now, in: transaction)
                    // As 0.1.0 buries; it goes on doing so afterwards.
                    try transaction.execute(Self.burialAsBefore(id, at: now))
                }
                _ = try await Migrator(all).up(database)
                try await database.write { try $0.execute(Self.burialAsBefore(house.identifiers.next(), at: now)) }
                #expect(try await house.deadLetters().map(\.group) == ["", ""])
                #expect(try await house.groups.list().map(\.name) == ["one"])
                let events = try await house.queue.batch(at: now, limit: 10).events
                let numbers = try events.map {
                    try EventCoding.decode(ThingHappened.self, from: $0.envelope.data).number
                }
                #expect(numbers == [1, 2, 3])
                #expect(try await dueAsBefore(house).isEmpty)
                house.clock.advance(by: .seconds(30))
                #expect(try await dueAsBefore(house).map(\.id) == [events[0].envelope.id])
            }
        }
    }

    private static func burialAsBefore(_ id: Identifier, at now: Timestamp) -> Statement {
        """
        INSERT INTO dead_letters (id, source, type, subject, time, traceparent, data, attempts, error, buried_at)
        VALUES (\(id), \("/gapura/test"), \("thing.happened"), \(thing), \(now), \(String?.none), \(json: "{}"), \(20),
            \("too often"), \(now))
        """
    }
}
