import DatabaseSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import Audit

@Suite("A search in the audit log")
struct AuditSearchTests {
    private func search(
        _ house: AuditHouse, _ filter: AuditFilter = AuditFilter(), limit: Int = 100, after last: NewestFirst? = nil
    ) async throws -> Page<AuditRecord, NewestFirst> {
        let part = PageRequest(limit: limit, after: last)
        return try await house.database.read { try AuditTrail.search(filter, part, in: $0) }
    }

    @Test("finds whole lines by subject, actor, action and any of them together, the newest first")
    func filters() async throws {
        try await withAuditHouse { house async throws in
            try await house.append(
                .done("user.blocked", by: "user:1", on: "user:2", personal: ["address": "192.0.2.1"]),
                .done("user.blocked", by: "api_key:k", on: "user:3"),
                .done("role.created", by: "user:1", on: "role:4"), .done("quota.reset", by: "system"))
            func actions(_ filter: AuditFilter) async throws -> [String] {
                try await search(house, filter).items.map { "\($0.entry.action) \($0.subject ?? "-")" }
            }
            #expect(
                try await actions(AuditFilter()) == [
                    "quota.reset -", "role.created role:4", "user.blocked user:3", "user.blocked user:2",
                ])
            #expect(try await actions(AuditFilter(subject: "user:2")) == ["user.blocked user:2"])
            #expect(try await actions(AuditFilter(actor: "user:1")) == ["role.created role:4", "user.blocked user:2"])
            #expect(try await actions(AuditFilter(action: "user.blocked")).count == 2)
            #expect(try await actions(AuditFilter(actor: "api_key:k", action: "user.blocked")).count == 1)
            #expect(try await actions(AuditFilter(subject: "user:2", actor: "system")).isEmpty)
            let line = try #require(try await search(house, AuditFilter(subject: "user:2")).items.first)
            #expect(line.entry.time == house.clock.now)
            #expect(line.entry.outcome == "done" && line.entry.reason == nil && line.entry.count == 1)
            #expect(line.entry.personal == ["address": "192.0.2.1"])
        }
    }

    @Test("takes the first moment in and leaves the last one out")
    func times() async throws {
        try await withAuditHouse { house async throws in
            let start = house.clock.now
            for action in ["a.a", "b.b", "c.c"] {
                try await house.append(.done(action, by: "system"))
                house.clock.advance(by: .seconds(1))
            }
            let filter = AuditFilter(from: start + .seconds(1), to: start + .seconds(2))
            #expect(try await search(house, filter).items.map(\.entry.action) == ["b.b"])
            #expect(try await search(house, AuditFilter(to: start)).items.isEmpty)
        }
    }

    @Test("finds the lines of a time also where the clock was put back by an hour in between")
    func clockPutBack() async throws {
        try await withAuditHouse { house async throws in
            let start = house.clock.now
            try await house.append(.done("a.a", by: "system"))
            house.clock.advance(by: .seconds(-3_600))
            try await house.append(.done("b.b", by: "system"))
            let before = AuditFilter(from: start - .seconds(3_600), to: start)
            #expect(try await search(house, before).items.map(\.entry.action) == ["b.b"])
            #expect(try await search(house, AuditFilter(from: start)).items.map(\.entry.action) == ["a.a"])
        }
    }

    @Test("by time reads the lines around that time and no others")
    func plan() async throws {
        try await withAuditHouse { house async throws in
            let start = house.clock.now
            let filter = AuditFilter(from: start, to: start + .seconds(60))
            let plan = try await house.plan(AuditTrail.statement(filter, PageRequest(limit: 20)))
            let bounds =
                switch house.database.dialect {
                case .sqlite: "SEARCH audit_entries USING PRIMARY KEY (id>? AND id<?)"
                case .postgres: "Index Scan Backward using audit_entries_pkey on audit_entries"
                }
            #expect(plan.contains { $0.contains(bounds) }, "\(plan)")
            if house.database.dialect == .postgres {
                #expect(plan.contains { $0.contains("Index Cond: ((id >= ") && $0.contains("(id < ") }, "\(plan)")
            }
            // In order already.
            #expect(!plan.contains { $0.contains("Sort") || $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }

    @Test("by subject, actor or action reads their lines in order and no others")
    func plans() async throws {
        try await withAuditHouse { house async throws in
            let filters: [(AuditFilter, String)] = [
                (AuditFilter(subject: "user:1"), "subject"), (AuditFilter(actor: "user:1"), "actor"),
                (AuditFilter(action: "a.a"), "action"),
            ]
            let last = NewestFirst(SequentialIdentifiers.identifier(9))
            for (after, (filter, column)) in [nil, last].flatMap({ after in filters.map { (after, $0) } }) {
                let planned = PlannedDatabase(house.database)
                try await planned.read { transaction in
                    _ = try AuditTrail.search(filter, PageRequest(limit: 25, after: after), in: transaction)
                }
                let plan = try #require(planned.lists.first)
                #expect(
                    plan.goes(by: "audit_entries_\(column)", "audit_entries_of_\(column)") && !plan.sorts, "\(plan)")
            }
            for after in [nil, last] {
                let planned = PlannedDatabase(house.database)
                try await planned.read { transaction in
                    _ = try AuditTrail.search(AuditFilter(), PageRequest(limit: 25, after: after), in: transaction)
                }
                let plan = try #require(planned.lists.first)
                #expect(plan.goesAlong("audit_entries") && !plan.sorts, "\(plan)")
            }
        }
    }

    @Test("gives each line once, part by part, also of a filter")
    func pages() async throws {
        try await withAuditHouse { house async throws in
            for number in 1...5 { try await house.append(.done("n.\(number)", by: "user:\(number % 2)")) }
            for (filter, expected) in [
                (AuditFilter(), ["n.5", "n.4", "n.3", "n.2", "n.1"]),
                (AuditFilter(actor: "user:1"), ["n.5", "n.3", "n.1"]),
            ] {
                var found: [String] = []
                var last: NewestFirst?
                repeat {
                    let page = try await search(house, filter, limit: 2, after: last)
                    #expect(page.items.count <= 2)
                    found += page.items.map(\.entry.action)
                    last = page.next
                } while last != nil
                #expect(found == expected)
            }
        }
    }
}

extension AuditHouse {
    /// How the database goes about a query, as it would over many rows.
    fileprivate func plan(_ statement: Statement) async throws -> [String] {
        try await database.write { transaction in
            switch database.dialect {
            case .sqlite: return try transaction.query("EXPLAIN QUERY PLAN \(statement)") { try $0.text(3) }
            case .postgres:
                try transaction.execute("SET LOCAL enable_seqscan = off")
                return try transaction.query("EXPLAIN \(statement)") { try $0.text(0) }
            }
        }
    }
}
