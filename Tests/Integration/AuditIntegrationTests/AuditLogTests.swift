import JSON
import SQL
import Shared
import TestSupport
import Testing

@testable import Audit

@Suite("The audit log")
struct AuditLogTests {
    @Test("a line keeps everything, with personal data apart")
    func keepsEverything() async throws {
        try await withAuditHouse { house async throws in
            try await house.append(
                .done("user.registered", by: "user:1", on: "user:1", personal: ["address": "192.0.2.1"]))
            try await house.append(.refused("session.open", because: "invalid_credentials", by: "anonymous"))
            let rows = try await house.database.read { transaction in
                try transaction.query(
                    "SELECT action, outcome, reason, actor, subject, count, time FROM audit_entries ORDER BY id"
                ) { row in
                    [
                        try row.text(0), try row.text(1), try row.optionalText(2) ?? "-", try row.text(3),
                        try row.optionalText(4) ?? "-", "\(try row.integer(5))", try row.timestamp(6).description,
                    ]
                }
            }
            let time = house.clock.now.description
            #expect(
                rows == [
                    ["user.registered", "done", "-", "user:1", "user:1", "1", time],
                    ["session.open", "refused", "invalid_credentials", "anonymous", "-", "1", time],
                ])
            let personal = try await house.database.read {
                try $0.query("SELECT data FROM audit_personal") { try $0.json(0) }
            }
            let data = try personal.map { try JSONValue(parsing: Array($0.utf8)) }
            #expect(data == [["address": "192.0.2.1"]])
        }
    }

    @Test("equal refusals of a minute are one line with a count; its personal data is written once")
    func countsRefusals() async throws {
        try await withAuditHouse { house async throws in
            for _ in 1...50 { try await house.append(.refusedSignIn()) }
            house.clock.advance(by: .milliseconds(59_999))
            try await house.append(.refusedSignIn())
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 1)
            #expect(try await house.integer("SELECT count FROM audit_entries") == 51)
            #expect(try await house.integer("SELECT count(*) FROM audit_personal") == 1)
            house.clock.advance(by: .milliseconds(1))
            try await house.append(.refusedSignIn())
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 2)
        }
    }

    @Test("refusals that differ in reason, subject or address have lines of their own")
    func differentRefusals() async throws {
        try await withAuditHouse { house async throws in
            try await house.append(
                .refusedSignIn(), .refusedSignIn(because: "account_blocked"), .refusedSignIn(on: "user:2"),
                .refusedSignIn(on: nil), .refusedSignIn(from: "192.0.2.2"))
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 5)
        }
    }

    @Test("from one IPv6 network equal refusals are one line, whatever the address; from one site at most thirty-two")
    func oneHomeLine() async throws {
        try await withAuditHouse { house async throws in
            for number in 1...100 {
                try await house.append(.refusedSignIn(from: "2001:db8:1:7::\(String(number, radix: 16))"))
            }
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 1)
            #expect(try await house.integer("SELECT count FROM audit_entries") == 100)
            for number in 1...100 {
                try await house.append(.refusedSignIn(from: "2001:db8:2:\(String(number, radix: 16))::1"))
            }
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 33)
            // Another site is another stranger, and so is each IPv4 address.
            try await house.append(
                .refusedSignIn(from: "2001:db8:3:7::1"), .refusedSignIn(from: "192.0.2.1"),
                .refusedSignIn(from: "192.0.2.2"))
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 36)
        }
    }

    @Test("what is done is never counted together")
    func doneStays() async throws {
        try await withAuditHouse { house async throws in
            for _ in 1...3 { try await house.append(.done("session.opened", by: "user:1")) }
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 3)
        }
    }

    @Test("refusals from many tasks at once are all counted")
    func atOnce() async throws {
        try await withAuditHouse { house async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 { group.addTask { try await house.append(.refusedSignIn()) } }
                try await group.waitForAll()
            }
            #expect(try await house.integer("SELECT count FROM audit_entries") == 40)
        }
    }

    @Test("a line is written with its cause, or not at all")
    func withItsCause() async throws {
        struct Stop: Error {}
        try await withAuditHouse { house async throws in
            let log = house.log()
            await #expect(throws: Stop.self) {
                try await house.database.write { transaction in
                    try log.append(.refusedSignIn(), in: transaction)
                    throw Stop()
                }
            }
            #expect(try await house.integer("SELECT count(*) FROM audit_entries") == 0)
            #expect(try await house.integer("SELECT count(*) FROM audit_personal") == 0)
        }
    }

    @Test("a line is found by the first refusals that it counts, and by no others")
    func references() async throws {
        try await withAuditHouse { house async throws in
            let all = (1...30).map { SequentialIdentifiers.identifier($0) }
            try await house.append(.refusedSignIn(as: [all[0]]))
            house.clock.advance(by: .seconds(1))
            // Written twice, as after a commit whose outcome was lost.
            for _ in 1...2 { try await house.append(.refusedSignIn(as: Array(all[1..<10])), count: 9) }
            try await house.append(.refusedSignIn(as: Array(all[10...])), count: 20)
            let line = try #require(try await house.found(by: all[0]))
            #expect(line.entry.count == 39 && line.entry.reason == "invalid_credentials")
            #expect(line.entry.personal["address"] == "192.0.2.1")
            let found = try await all.asyncFilter { try await house.found(by: $0) == line }
            #expect(found == Array(all[..<10]))
        }
    }

    @Test("a line takes sixteen references")
    func referencesMax() async throws {
        try await withAuditHouse { house async throws in
            let all = (1...30).map { SequentialIdentifiers.identifier($0) }
            for id in all { try await house.append(.refusedSignIn(as: [id])) }
            let found = try await all.asyncFilter { try await house.found(by: $0) != nil }
            #expect(found == Array(all[..<AuditEntry.referencesMax]))
        }
    }
}

extension AuditHouse {
    fileprivate func append(_ entry: AuditEntry, count: Int) async throws {
        let log = log()
        try await database.write { try log.append(entry, count: count, in: $0) }
    }

    fileprivate func found(by reference: Identifier) async throws -> AuditRecord? {
        try await database.read { try AuditTrail.find(reference: reference, in: $0) }
    }
}

extension Array {
    fileprivate func asyncFilter(_ isIncluded: (Element) async throws -> Bool) async rethrows -> [Element] {
        var included: [Element] = []
        for element in self where try await isIncluded(element) { included.append(element) }
        return included
    }
}
