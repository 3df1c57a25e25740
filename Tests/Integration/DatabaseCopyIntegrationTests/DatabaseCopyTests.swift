import DatabaseCopy
import DatabaseSupport
import JSON
import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@Suite("Copying a database")
struct DatabaseCopyTests {
    private func copy(
        _ source: any Database, _ target: any Database, name: String = "one"
    ) async throws
        -> [DatabaseCopier.Table]
    {
        try await DatabaseCopier(from: source, to: target, sourceName: name).run()
    }

    @Test("every row of every type is the same in both, and the source stays as it was", arguments: CopyDirection.all)
    func whole(_ direction: CopyDirection) async throws {
        try await direction.withDatabases { source, target in
            let before = try await CopySchema.contents(source)
            let tables = try await copy(source, target)
            #expect(try await CopySchema.contents(target) == before)
            #expect(try await CopySchema.contents(source) == before)
            #expect(try await !DatabaseCopier.isUnfinished(target))
            // Those in front that others refer to.
            #expect(tables.map(\.name) == ["counted", "keyed", "marks", "wholes", "parts"])
            #expect(tables.map(\.rows) == [6, 6, 12, 1_200, 1_200])
        }
    }

    @Test("new rows are numbered behind the copied ones", arguments: CopyDirection.all)
    func numbering(_ direction: CopyDirection) async throws {
        try await direction.withDatabases { source, target in
            try await source.write { try $0.execute("UPDATE counted SET number = 4000000000 WHERE number = 3") }
            _ = try await copy(source, target)
            let number = try await target.write { transaction in
                try transaction.first("INSERT INTO counted (name) VALUES ('new') RETURNING number") {
                    try $0.integer(0)
                }
            }
            #expect(number == 4_000_000_001)
        }
    }

    @Test("documents keep their content, also from PostgreSQL, which writes them its own way")
    func documents() async throws {
        for direction in CopyDirection.all {
            try await direction.withDatabases { source, target in
                _ = try await copy(source, target)
                let text = try await target.read { transaction in
                    try transaction.first("SELECT document FROM wholes WHERE document IS NOT NULL") { row in
                        try (try? row.json(0)) ?? row.text(0)
                    }
                }
                let document = try JSONValue(parsing: Array(try #require(text).utf8))
                #expect(document["b"]?.elements?.count == 4)
                #expect(document["a"]?["ü"]?.text == "\\")
            }
        }
    }

    @Test(
        "interrupted after any number of writes it goes on where it was, and says meanwhile that it is not done",
        arguments: CopyDirection.all, [true, false])
    func interruption(_ direction: CopyDirection, _ commitsLast: Bool) async throws {
        try await direction.withDatabases { source, target in
            let before = try await CopySchema.contents(source)
            var interruptions = 0
            while true {
                let mortal = InterruptedDatabase(target, afterWrites: interruptions % 3, commitsLast: commitsLast)
                do {
                    _ = try await copy(source, mortal)
                    break
                } catch is InterruptedDatabase.Interruption {
                    interruptions += 1
                    try #require(interruptions < 100)
                    if try await DatabaseCopier.isUnfinished(target) { continue }
                    // It had not begun, or had just ended and nobody was told.
                    if try await !CopySchema.isEmpty(target) { break }
                }
            }
            #expect(interruptions > 4)
            #expect(try await CopySchema.contents(target) == before)
            #expect(try await !DatabaseCopier.isUnfinished(target))
        }
    }

    @Test("goes on behind the rows that are there, and does not begin anew", arguments: CopyDirection.all)
    func progress(_ direction: CopyDirection) async throws {
        try await direction.withDatabases { source, target in
            // The mark, three small tables, a page of the first large one.
            let mortal = InterruptedDatabase(target, afterWrites: 5, commitsLast: false)
            await #expect(throws: InterruptedDatabase.Interruption.self) { try await copy(source, mortal) }
            #expect(try await CopySchema.contents(target)["wholes"]?.count == 500)
            let heard = Heard()
            _ = try await DatabaseCopier(from: source, to: target, sourceName: "one").run { heard.add($0) }
            #expect(heard.tables.map(\.rows) == [0, 0, 0, 700, 1_200])
        }
    }

    @Test("a target with rows, or with the half of another copy, is refused", arguments: Dialect.allCases)
    func inUse(_ dialect: Dialect) async throws {
        try await CopyDirection(source: .sqlite, target: dialect).withDatabases { source, target in
            try await target.write { try $0.execute("INSERT INTO counted (name) VALUES ('mine')") }
            await expect(.targetInUse) { try await copy(source, target) }
            #expect(try await !DatabaseCopier.isUnfinished(target))
            try await target.write { try $0.execute("DELETE FROM counted") }
            let mortal = InterruptedDatabase(target, afterWrites: 2, commitsLast: true)
            await #expect(throws: InterruptedDatabase.Interruption.self) { try await copy(source, mortal) }
            await expect(.targetInUse) { try await copy(source, target, name: "two") }
            _ = try await copy(source, target)
        }
    }

    static let changes: [Statement] = [
        "UPDATE wholes SET text = 'other' WHERE text IS NULL", "UPDATE wholes SET text = NULL WHERE number > 3",
        "UPDATE wholes SET number = number + 1", "UPDATE wholes SET flag = NOT flag",
        "UPDATE wholes SET bytes = \([0])", "UPDATE wholes SET time = \(Timestamp(milliseconds: 1))",
        "UPDATE wholes SET document = \(json: #"{"b": [1, 2.5, 101, null], "a": {"n": 1, "ü": "\\"}}"#)",
        "UPDATE counted SET number = number + 100", "DELETE FROM counted WHERE number = 6", "DELETE FROM marks",
        "INSERT INTO counted (number, name) VALUES (-1, 'more')",
        "INSERT INTO counted (number, name) VALUES (99, 'more')",
        "UPDATE keyed SET \"order\" = NULL WHERE \"order\" = 5",
    ]

    @Test("what was changed in the target behind the copy's back is found", arguments: Dialect.allCases, changes)
    func changed(_ dialect: Dialect, _ change: Statement) async throws {
        try await CopyDirection(source: .sqlite, target: dialect).withDatabases { source, target in
            let mortal = InterruptedDatabase(target, afterWrites: 5, commitsLast: true)
            await #expect(throws: InterruptedDatabase.Interruption.self) { try await copy(source, mortal) }
            let count = try await target.write { try $0.execute(change) }
            #expect(count > 0)
            await expect(.rowDiffers) { try await copy(source, target) }
            #expect(try await DatabaseCopier.isUnfinished(target))
        }
    }

    @Test(
        "tables and columns that only one of them has are told before anything is copied", arguments: CopyDirection.all)
    func schemas(_ direction: CopyDirection) async throws {
        for change in ["ALTER TABLE marks ADD COLUMN more text", "CREATE TABLE other (id integer PRIMARY KEY)"] {
            try await direction.withDatabases { source, target in
                try await target.write { try $0.script(change) }
                await expect(.schemaDiffers) { try await copy(source, target) }
                #expect(try await !DatabaseCopier.isUnfinished(target))
            }
        }
    }

    @Test(
        "a value that the target cannot hold is told by table and column, without the value",
        arguments: [
            ("UPDATE wholes SET text = 'secret' || char(0) WHERE number > 3", "wholes.text"),
            (#"UPDATE wholes SET document = '{"secret": "\u0000"}'"#, "wholes.document"),
            (#"UPDATE wholes SET document = '{"secret": 1, "secret": 2}'"#, "wholes.document"),
            ("UPDATE wholes SET document = 'secret'", "wholes.document"),
            ("UPDATE wholes SET flag = 2", "wholes.flag"),
            ("INSERT INTO wholes (id, text) VALUES (x'010203', 'secret')", "wholes.id"),
        ])
    func unfit(_ change: String, _ column: String) async throws {
        try await CopyDirection(source: .sqlite, target: .postgres).withDatabases { source, target in
            try await source.write { try $0.script(change) }
            let refusal = await #expect(throws: CopyRefusal.self) { try await copy(source, target) }
            #expect(refusal?.code == .valueUnfit)
            #expect(refusal?.description.contains(column) == true)
            #expect(refusal?.description.contains("secret") == false)
        }
    }

    private func expect(_ code: CopyRefusal.Code, _ body: () async throws -> [DatabaseCopier.Table]) async {
        let refusal = await #expect(throws: CopyRefusal.self) { _ = try await body() }
        #expect(refusal?.code == code)
    }
}
