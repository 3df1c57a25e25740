import DatabaseSupport
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@testable import Messaging

@Suite("Killed between any two steps")
struct CrashTests {
    private static let failing = MessagingHouse.thing(1)
    private static let healthy = MessagingHouse.thing(2)

    @Test(
        "relay, consumers and retries: each effect is there once and in order",
        arguments: MortalDatabase.Moment.allCases)
    func anyStep(_ moment: MortalDatabase.Moment) async throws {
        try await withMessagingHouse { house async throws in
            var (step, wasKilled) = (0, true)
            while wasKilled {
                step += 1
                try await house.database.write { transaction in
                    for table in ["effects", "inbox", "consumer_groups", "event_leases"] {
                        try transaction.execute("DELETE FROM \(Statement(unsafeSQL: table))")
                    }
                }
                try await house.publish(1...3, about: Self.failing)
                try await house.publish(1...3, about: Self.healthy)
                let mortal = MortalDatabase(house.database, diesAt: step, moment)
                try? await run(house, over: mortal, owner: SequentialIdentifiers.identifier(UInt64(1_000 + step)))
                wasKilled = mortal.isDead
                // A new process, when the leases of the dead one are over.
                house.clock.advance(by: EventLeases.term)
                try await run(
                    house, over: house.database, owner: SequentialIdentifiers.identifier(UInt64(5_000 + step)))
                for name in ["one", "two"] {
                    for thing in [Self.failing, Self.healthy] {
                        #expect(try await house.effects(of: name, about: thing) == [1, 2, 3], "\(name), step \(step)")
                    }
                }
                #expect(try await house.queue.count() == 0)
                #expect(try await house.parked().isEmpty)
                #expect(try await house.deadLetters().isEmpty)
            }
            #expect(step > 10)
        }
    }

    /// A process from its start until nothing is left: one consumer fails once for one subject.
    private func run(_ house: MessagingHouse, over database: any Database, owner: Identifier) async throws {
        let hasFailed = Mutex(false)
        let one = ConsumerDouble("one", house, over: database) { envelope in
            guard envelope.subject == Self.failing else { return }
            let fails = hasFailed.withLock { hasFailed in
                defer { hasFailed = true }
                return !hasFailed
            }
            if fails { throw ConsumerFailure() }
        }
        let relay = house.relay([one, ConsumerDouble("two", house, over: database)], owner: owner, over: database)
        for _ in 0..<8 {
            _ = try await relay.relayOnce()
            _ = try await relay.retryOnce()
            house.clock.advance(by: .seconds(2))
        }
    }
}
