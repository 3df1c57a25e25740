import DatabaseSupport
import Retention
import SQL
import Shared
import TestSupport
import Testing

@testable import Audit

@Suite("The end of what the audit log knows about people")
struct AuditRetentionTests {
    private static let day = 86_400

    @Test("personal data and references go after their time, and the chain stays whole")
    func pruned() async throws {
        try await withAuditHouse { house in
            let start = house.clock.now
            let reference = SequentialIdentifiers.identifier(7)
            try await house.append(
                .refusedSignIn(as: [reference]), .done("session.opened", by: "user:1", personal: ["address": "::1"]))
            house.clock.advance(by: .seconds(3 * Self.day))
            try await house.append(.done("session.opened", by: "user:2", personal: ["address": "::2"]))
            #expect(try await house.seal() == 3)
            let planned = PlannedDatabase(house.database)
            let prunes = AuditRetention(
                entries: .seconds(6 * Self.day), personal: .seconds(2 * Self.day), references: .seconds(4 * Self.day)
            ).prunes(of: house.chain, try AuditHouse.seal(), in: planned, clock: house.clock)
            func pruned(after days: Int, limit: Int = .max) async throws -> [Int] {
                var counts: [Int] = []
                for prune in prunes {
                    counts.append(try await prune.remove(at: start + .seconds(days * Self.day), limit: limit))
                }
                return counts
            }
            #expect(try await pruned(after: 2) == [0, 0, 0])
            #expect(try await pruned(after: 3, limit: 1) == [0, 1, 0])
            #expect(try await pruned(after: 3) == [0, 1, 0])
            #expect(try await pruned(after: 5) == [0, 0, 1])
            #expect(try await house.integer("SELECT count(*) FROM audit_personal") == 1)
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 3)
            #expect(try await house.firstBreak() == nil)
            #expect(try await pruned(after: 7) == [2, 1, 0])
            #expect(try await house.verify() == AuditVerdict(checkpoint: 2, position: 3, firstBreak: nil))
            #expect(planned.scans == [])
            #expect(planned.statementCount >= 6)
        }
    }

    @Test("sealing, and forgetting a person, find their lines by an index")
    func plans() async throws {
        try await withAuditHouse { house in
            try await house.append(.done("session.opened", by: "user:1", personal: ["address": "::1"]))
            let planned = PlannedDatabase(house.database)
            let sealer = AuditSealer(database: planned, chain: house.chain, clock: house.clock, logger: .silent)
            #expect(try await sealer.sealBatch() == 1)
            try await planned.write { try AuditTrail.erasePersonalData(about: "user:1", in: $0) }
            #expect(try await house.integer("SELECT count(*) FROM audit_personal") == 0)
            #expect(planned.scans == [])
            #expect(planned.statementCount >= 5)
        }
    }
}
