import JSON
import SQL
import Shared
import TestSupport
import Testing

@testable import Audit

@Suite("The beginning of the audit log, cut off")
struct AuditCutTests {
    @Test("old lines go, in batches, with what belongs to them, and the rest fits behind the checkpoint")
    func cuts() async throws {
        try await withTenLines { house, start in
            #expect(try await house.cut(before: start + .seconds(5), limit: 3) == 3)
            #expect(try await house.verify() == AuditVerdict(checkpoint: 3, position: 10, firstBreak: nil))
            #expect(try await house.cut(before: start + .seconds(5), limit: 3) == 2)
            #expect(try await house.cut(before: start + .seconds(5), limit: 3) == 0)
            #expect(try await house.verify() == AuditVerdict(checkpoint: 5, position: 10, firstBreak: nil))
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 5)
            #expect(try await house.integer("SELECT count(*) FROM audit_personal") == 5)
            // It goes on: also when all lines are gone, the next one fits behind them.
            #expect(try await house.cut(before: start + .seconds(100)) == 5)
            try await house.append(.done("session.opened", by: "user:11"))
            #expect(try await house.seal() == 1)
            #expect(try await house.verify() == AuditVerdict(checkpoint: 10, position: 11, firstBreak: nil))
        }
    }

    @Test("a line that is not sealed yet is never cut off")
    func unsealed() async throws {
        try await withTenLines { house, start in
            try await house.append(.done("session.opened", by: "user:11"))
            #expect(try await house.cut(before: start + .seconds(1_000)) == 10)
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 1)
        }
    }

    @Test("what was changed, removed or inserted is named, before and behind a cut", arguments: [0, 4])
    func named(_ cutLines: Int) async throws {
        try await withTenLines { house, start in
            #expect(try await house.cut(before: start + .seconds(cutLines)) == cutLines)
            let seventh = try await house.id(at: 7)
            func found(_ kind: AuditBreak.Kind, _ position: Int, _ id: Identifier?) -> AuditBreak {
                AuditBreak(kind: kind, position: position, id: id)
            }
            try await house.execute("UPDATE audit_entries SET actor = 'user:x' WHERE position = 7")
            #expect(try await house.verify().firstBreak == found(.changed, 7, seventh))
            try await house.execute("UPDATE audit_entries SET actor = 'user:7' WHERE position = 7")
            #expect(try await house.verify().firstBreak == nil)
            for position in stride(from: 10, through: 7, by: -1) {
                try await house.execute("UPDATE audit_entries SET position = position + 1 WHERE position = \(position)")
            }
            try await house.insert(at: 7, hash: [0])
            #expect(try await house.verify().firstBreak == found(.inserted, 7, AuditHouse.strangeID))
            try await house.execute("DELETE FROM audit_entries WHERE id = \(AuditHouse.strangeID)")
            #expect(try await house.verify().firstBreak == found(.missing, 7, nil))
        }
    }

    @Test("a line that was inserted with the hash that it should have is named as well")
    func insertedWithHash() async throws {
        try await withTenLines { house, _ in
            for position in stride(from: 10, through: 7, by: -1) {
                try await house.execute("UPDATE audit_entries SET position = position + 1 WHERE position = \(position)")
            }
            let before = try await house.hash(at: 6)
            let line = AuditChain.Line(
                id: AuditHouse.strangeID, time: house.clock.now, action: "user.registered", outcome: "done",
                reason: nil, actor: "user:1", subject: nil, count: 1)
            try await house.insert(at: 7, hash: line.hash(position: 7, after: before))
            #expect(
                try await house.verify().firstBreak
                    == AuditBreak(kind: .inserted, position: 7, id: AuditHouse.strangeID))
        }
    }

    @Test("lines that were put behind the head, or in front of the checkpoint, are named")
    func outside() async throws {
        try await withTenLines { house, start in
            #expect(try await house.cut(before: start + .seconds(4)) == 4)
            try await house.insert(at: 2, hash: [0])
            #expect(
                try await house.verify().firstBreak
                    == AuditBreak(kind: .inserted, position: 2, id: AuditHouse.strangeID))
            try await house.execute("DELETE FROM audit_entries WHERE id = \(AuditHouse.strangeID)")
            let (last, ninth) = (try await house.id(at: 10), try await house.hash(at: 9))
            try await house.execute("UPDATE audit_heads SET position = 9, hash = \(ninth)")
            #expect(try await house.verify().firstBreak == AuditBreak(kind: .inserted, position: 10, id: last))
        }
    }

    @Test("a checkpoint that was moved, removed or made with another key is found, and nothing is cut behind it")
    func forged() async throws {
        try await withTenLines { house, start in
            #expect(try await house.cut(before: start + .seconds(4)) == 4)
            #expect(try await house.cut(before: start + .seconds(5), try AuditHouse.seal(2, 1)) == 1)
            let forged = AuditBreak(kind: .checkpoint, position: 5, id: nil)
            #expect(try await house.verify().firstBreak == forged)
            await #expect(throws: forged) { try await house.cut(before: start + .seconds(9)) }
            try await house.execute("DELETE FROM audit_checkpoints")
            #expect(try await house.verify().firstBreak == AuditBreak(kind: .missing, position: 1, id: nil))
        }
    }

    @Test("a checkpoint of before the master key was changed still counts")
    func rotated() async throws {
        try await withTenLines { house, start in
            #expect(try await house.cut(before: start + .seconds(4)) == 4)
            let seal = try AuditHouse.seal(2, 1)
            #expect(try await house.database.read { try house.chain.verify(seal, in: $0) }.firstBreak == nil)
        }
    }

    @Test("from a line on that does not fit nothing is cut off")
    func evidence() async throws {
        try await withTenLines { house, start in
            let third = try await house.id(at: 3)
            try await house.execute("UPDATE audit_entries SET actor = 'user:x' WHERE position = 3")
            await #expect(throws: AuditBreak(kind: .changed, position: 3, id: third)) {
                try await house.cut(before: start + .seconds(9))
            }
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 10)
        }
    }

    @Test("an export can be checked by itself, and joined to a log that was cut within it")
    func export() async throws {
        try await withTenLines { house, start in
            #expect(try await house.cut(before: start + .seconds(2)) == 2)
            let lines = try await house.export()
            #expect(lines.count == 1 + 8)
            #expect(try await house.check(lines) == nil)
            #expect(try await house.cut(before: start + .seconds(6)) == 4)
            #expect(try await house.check(lines) == nil)
            #expect(try await house.export().count == 1 + 4)
            let third = try identifier(of: lines[1])
            var changed = lines
            changed[1] = changed[1].replacing("session.opened", with: "session.closed")
            #expect(
                try await house.check(changed)
                    == .broken(AuditBreak(kind: .changed, position: 3, id: third)))
            var shorter = lines
            shorter.remove(at: 4)
            #expect(try await house.check(shorter) == .broken(AuditBreak(kind: .missing, position: 6, id: nil)))
            #expect(try await house.check(["{}"]) == .unreadable(line: 1))
            #expect(try await house.check([]) == .unreadable(line: 1))
            #expect(try await house.check([lines[0], "nonsense"]) == .unreadable(line: 2))
            var forged = lines
            forged[0] = forged[0].replacing("\"position\":2", with: "\"position\":1")
            #expect(
                try await house.check(forged) == .broken(AuditBreak(kind: .checkpoint, position: 1, id: nil)))
            try await house.execute("UPDATE audit_checkpoints SET hash = \([1])")
            #expect(try await house.check(lines) == .ofAnotherLog(position: 6))
        }
    }

    private func identifier(of line: String) throws -> Identifier? {
        AuditExport.sealed(try JSONValue(parsing: Array(line.utf8)))?.line.id
    }

    /// Ten sealed lines, one a second.
    private func withTenLines(_ body: (AuditHouse, _ start: Timestamp) async throws -> Void) async throws {
        try await withAuditHouse { house async throws in
            let start = house.clock.now
            for number in 1...10 {
                try await house.append(
                    .done("session.opened", by: "user:\(number)", personal: ["address": "192.0.2.1"]))
                #expect(try await house.seal() == 1)
                house.clock.advance(by: .seconds(1))
            }
            try await body(house, start)
        }
    }
}

extension AuditHouse {
    fileprivate static let strangeID = SequentialIdentifiers.identifier(9_999)

    fileprivate func id(at position: Int) async throws -> Identifier? {
        try await database.read { transaction in
            try transaction.first("SELECT id FROM audit_entries WHERE position = \(position)") {
                try $0.identifier(0)
            }
        }
    }

    fileprivate func hash(at position: Int) async throws -> [UInt8] {
        try await database.read { transaction in
            try transaction.first("SELECT hash FROM audit_entries WHERE position = \(position)") { try $0.bytes(0) }
                ?? []
        }
    }

    fileprivate func insert(at position: Int, hash: [UInt8]) async throws {
        try await execute(
            """
            INSERT INTO audit_entries (id, writer, time, action, outcome, actor, count, open_until, position, hash)
            VALUES (\(Self.strangeID), 'test', \(clock.now), 'user.registered', 'done', 'user:1', 1, \(clock.now),
                \(position), \(hash))
            """)
    }

    fileprivate func export() async throws -> [String] {
        var lines: [String] = []
        let found = try await AuditExporter(chain, try Self.seal(), in: database).export { line in
            lines.append(String(decoding: line.serialized, as: UTF8.self))
        }
        #expect(found == nil)
        return lines
    }

    /// What is wrong with an export.
    fileprivate func check(_ lines: [String]) async throws -> AuditFile.Trouble? {
        let (chain, seal) = (chain, try Self.seal())
        var file = try await database.read { try chain.file(seal, in: $0) }
        do {
            for line in lines { try file.take(Array(line.utf8)) }
            try file.end()
            return nil
        } catch let trouble as AuditFile.Trouble {
            return trouble
        }
    }
}
