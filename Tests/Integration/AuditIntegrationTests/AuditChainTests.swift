import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import Audit

@Suite("The chain of the audit log")
struct AuditChainTests {
    @Test("every line is sealed in order, over several batches, and the whole fits")
    func seals() async throws {
        try await withSealed { house async throws in
            #expect(try await house.integer("SELECT count(*) FROM audit_entries WHERE position IS NULL") == 0)
            #expect(try await house.integer("SELECT max(position) FROM audit_entries") == 6)
            #expect(try await house.firstBreak() == nil)
            #expect(try await house.seal() == 0)
        }
    }

    @Test("a refusal is sealed when its minute is over, and forgets what made it equal")
    func openRefusals() async throws {
        try await withAuditHouse { house async throws in
            try await house.append(.refusedSignIn())
            #expect(try await house.seal() == 0)
            house.clock.advance(by: .seconds(60))
            #expect(try await house.seal() == 1)
            #expect(try await house.integer("SELECT count(*) FROM audit_entries WHERE repeat_key IS NOT NULL") == 0)
            #expect(try await house.firstBreak() == nil)
        }
    }

    private static let otherID = SequentialIdentifiers.identifier(9_999)

    private static let changes: [Statement] = [
        "id = \(otherID)", "time = \(Timestamp(seconds: 1))", "action = 'other.action'",
        "outcome = CASE outcome WHEN 'done' THEN 'refused' ELSE 'done' END", "reason = 'other'", "reason = ''",
        "actor = 'user:other'", "subject = 'user:other'", "subject = NULL", "count = count + 1",
        "hash = \([0])", "hash = \([UInt8](repeating: 0, count: 32))", "position = 99", "position = NULL",
        "writer = 'other'",
    ]

    @Test("a change of any column is found at its line", arguments: changes)
    func changed(_ change: Statement) async throws {
        try await withSealed { house async throws in
            try await house.execute("DELETE FROM audit_personal")
            try await house.execute("UPDATE audit_entries SET \(change) WHERE position = 3")
            #expect(try await house.firstBreak() == 3)
        }
    }

    @Test("a line that was deleted is found, also at the end", arguments: 1...6)
    func deleted(_ position: Int) async throws {
        try await withSealed { house async throws in
            try await house.execute("DELETE FROM audit_entries WHERE position = \(position)")
            #expect(try await house.firstBreak() == position)
        }
    }

    @Test("lines that were deleted at the end are found, also after others were sealed")
    func deletedAtTheEnd() async throws {
        try await withSealed { house async throws in
            try await house.execute("DELETE FROM audit_entries WHERE position >= 5")
            #expect(try await house.firstBreak() == 5)
            try await house.append(.done("session.opened", by: "user:9"))
            #expect(try await house.seal() == 1)
            #expect(try await house.firstBreak() == 5)
        }
    }

    @Test("two lines that changed places are found")
    func swapped() async throws {
        try await withSealed { house async throws in
            try await house.execute("UPDATE audit_entries SET position = 100 WHERE position = 2")
            try await house.execute("UPDATE audit_entries SET position = 2 WHERE position = 4")
            try await house.execute("UPDATE audit_entries SET position = 4 WHERE position = 100")
            #expect(try await house.firstBreak() == 2)
        }
    }

    @Test("a line that was put in between is found")
    func inserted() async throws {
        try await withSealed { house async throws in
            for position in stride(from: 6, through: 3, by: -1) {
                try await house.execute("UPDATE audit_entries SET position = position + 1 WHERE position = \(position)")
            }
            try await house.execute(
                """
                INSERT INTO audit_entries (id, writer, time, action, outcome, actor, count, open_until, position, hash)
                VALUES (\(Self.otherID), 'test', \(house.clock.now), 'user.registered', 'done', 'user:1', 1,
                    \(house.clock.now), 3, \([UInt8](repeating: 0, count: 32)))
                """)
            #expect(try await house.firstBreak() == 3)
        }
    }

    @Test("erasing data about people does not break the chain")
    func erasing() async throws {
        try await withSealed { house async throws in
            #expect(try await house.integer("SELECT count(*) FROM audit_personal") != 0)
            try await house.execute("UPDATE audit_personal SET data = '{}'")
            #expect(try await house.firstBreak() == nil)
            try await house.execute("DELETE FROM audit_personal")
            #expect(try await house.firstBreak() == nil)
        }
    }

    @Test("each writer has a chain of its own")
    func writers() async throws {
        try await withSealed { house async throws in
            let other = AuditChain(writer: "other")
            try await house.append(.done("user.registered", by: "user:9"), writer: "other")
            #expect(try await house.seal() == 0)
            #expect(try await house.seal(other) == 1)
            #expect(try await house.firstBreak(other) == nil)
            #expect(try await house.firstBreak() == nil)
            try await house.execute("UPDATE audit_entries SET actor = 'user:8' WHERE writer = 'other'")
            #expect(try await house.firstBreak(other) == 1)
            #expect(try await house.firstBreak() == nil)
        }
    }

    @Test("lines are sealed many at once only once, by whichever sealer comes first")
    func twoSealers() async throws {
        try await withAuditHouse { house async throws in
            for number in 1...20 { try await house.append(.done("session.opened", by: "user:\(number)")) }
            let sealer = sealer(house)
            let sealed = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 { group.addTask { try await sealer.sealBatch() } }
                var sum = 0
                for try await count in group { sum += count }
                return sum
            }
            #expect(sealed == 20)
            #expect(try await house.firstBreak() == nil)
        }
    }

    @Test("the sealer runs as a service and seals what comes")
    func service() async throws {
        try await withAuditHouse { house async throws in
            try await house.append(.done("session.opened", by: "user:1"))
            let stop = Latch()
            async let group: Void = ServiceGroup([sealer(house).service], grace: .seconds(60), logger: .silent)
                .run(until: stop)
            try await until {
                try await house.integer("SELECT count(*) FROM audit_entries WHERE position IS NULL") == 0
            }
            stop.open()
            try await group
            #expect(try await house.firstBreak() == nil)
        }
    }

    private func sealer(_ house: AuditHouse) -> AuditSealer {
        AuditSealer(database: house.database, chain: house.chain, clock: house.clock, logger: .silent)
    }

    /// Six sealed lines: two done, one refused, and again, sealed in batches of four.
    private func withSealed(_ body: (AuditHouse) async throws -> Void) async throws {
        try await withAuditHouse { house async throws in
            for number in 1...2 {
                try await house.append(
                    .done(
                        "user.registered", by: "user:\(number)", on: "user:\(number)",
                        personal: ["address": "192.0.2.1"]),
                    .done("session.opened", by: "user:\(number)", on: "session:\(number)"),
                    .refusedSignIn(on: "user:\(number)"))
                house.clock.advance(by: .seconds(60))
            }
            #expect(try await house.seal(limit: 4) == 4)
            #expect(try await house.seal(limit: 4) == 2)
            try await body(house)
        }
    }
}
