import Postgres
import PostgresSupport
import SQL
import Shared
import Testing

@Suite("Statements of PostgreSQL in a pipeline")
struct PostgresPipelineTests {
    @Test("that were submitted are there for the next query, in order")
    func order() async throws {
        try await withPostgresDatabase { database in
            try await database.makeNotes()
            let seen = try await database.write { transaction in
                for number in 0..<500 { try transaction.submitNote("n\(number)") }
                return try transaction.query("SELECT text FROM notes ORDER BY id") { try $0.text(0) }
            }
            #expect(seen == (0..<500).map { "n\($0)" })
            #expect(try await database.notes().count == 500)
        }
    }

    @Test("of many megabytes neither block nor get lost")
    func large() async throws {
        try await withPostgresDatabase { database in
            try await database.makeNotes()
            let filler = String(repeating: "x", count: 100_000)
            try await database.write { transaction in
                // Answers as long as the questions, so that both directions fill up.
                for number in 0..<200 {
                    try transaction.submit(
                        "INSERT INTO notes (text) VALUES (md5(\("\(number)\(filler)"))) RETURNING \(filler)")
                }
            }
            #expect(try await database.notes().count == 200)
        }
    }

    @Test("fail together: one in the middle undoes all, and its error comes with the next query")
    func middle() async throws {
        try await withPostgresDatabase { database in
            try await database.makeNotes()
            let error = await #expect(throws: ConstraintViolation.self) {
                try await database.write { transaction in
                    try transaction.submitNote("a")
                    try transaction.submitNote("a")
                    try transaction.submitNote("b")
                    _ = try transaction.query("SELECT 1") { _ in }
                    Issue.record("a statement after a refused one was run")
                }
            }
            #expect(error?.isUnique("notes", "text") == true)
            #expect(error?.name == "notes_text_key")
            #expect(try await database.notes().isEmpty)
        }
    }

    @Test("are refused after the first refused one, whatever the closure makes of it")
    func swallowed() async throws {
        try await withPostgresDatabase { database in
            try await database.makeNotes()
            await #expect(throws: ConstraintViolation.self) {
                try await database.write { transaction in
                    try transaction.note("a")
                    #expect(throws: ConstraintViolation.self) { try transaction.note("a") }
                    #expect(throws: ConstraintViolation.self) { try transaction.note("b") }
                    #expect(throws: ConstraintViolation.self) { try transaction.submitNote("c") }
                    #expect(throws: ConstraintViolation.self) { try transaction.script("SELECT 1") }
                }
            }
            await #expect(throws: PlannedFailure.self) {
                try await database.write { transaction in
                    try transaction.note("a")
                    guard (try? transaction.note("a")) != nil else { throw PlannedFailure() }
                }
            }
            #expect(try await database.notes().isEmpty)
        }
    }

    @Test("break a deferred constraint at COMMIT, which is told with its columns")
    func deferred() async throws {
        try await withPostgresDatabase { database in
            try await database.write { transaction in
                try transaction.script(
                    """
                    CREATE TABLE parents (id bigint PRIMARY KEY);
                    CREATE TABLE children (a bigint, b bigint REFERENCES parents DEFERRABLE INITIALLY DEFERRED,
                        CONSTRAINT pair UNIQUE (b, a) DEFERRABLE INITIALLY DEFERRED)
                    """)
            }
            let orphan = await #expect(throws: ConstraintViolation.self) {
                try await database.write { try $0.execute("INSERT INTO children VALUES (1, 2)") }
            }
            let expected = ConstraintViolation(
                .foreignKey, table: "children", columns: ["b"], name: "children_b_fkey")
            #expect(orphan == expected)
            let pair = await #expect(throws: ConstraintViolation.self) {
                try await database.write { transaction in
                    try transaction.submit("INSERT INTO children VALUES (1, NULL), (1, NULL)")
                    try transaction.submit("INSERT INTO parents VALUES (5)")
                    try transaction.submit("INSERT INTO children VALUES (1, 5), (1, 5)")
                }
            }
            #expect(pair?.isUnique("children", "b", "a") == true)
            #expect(try await database.integer("SELECT count(*) FROM children") == 0)
        }
    }

    @Test("tell a key with an expression by its name only, and a partial one by its columns")
    func indexes() async throws {
        try await withPostgresDatabase { database in
            try await database.write { transaction in
                try transaction.script(
                    """
                    CREATE TABLE people (name text, kind text);
                    CREATE UNIQUE INDEX by_lower_name ON people (lower(name));
                    CREATE UNIQUE INDEX one_boss ON people (kind) INCLUDE (name) WHERE kind = 'boss'
                    """)
                try transaction.execute("INSERT INTO people VALUES ('Anna', 'boss')")
            }
            let name = await #expect(throws: ConstraintViolation.self) {
                try await database.write { try $0.execute("INSERT INTO people VALUES ('ANNA', NULL)") }
            }
            #expect(name == ConstraintViolation(.unique, table: "people", name: "by_lower_name"))
            let boss = await #expect(throws: ConstraintViolation.self) {
                try await database.write { try $0.execute("INSERT INTO people VALUES ('Budi', 'boss')") }
            }
            #expect(boss?.isUnique("people", "kind") == true)
        }
    }

    @Test("are prepared anew where an aborted pipeline skipped the preparing")
    func abortedPreparing() async throws {
        try await withPostgresDatabase(PostgresSettings(connections: 1)) { database in
            try await database.makeNotes()
            try await database.write { try $0.note("a") }
            for _ in 0..<3 {
                await #expect(throws: ConstraintViolation.self) {
                    try await database.write { transaction in
                        try transaction.submitNote("a")
                        // Never seen by the server before, and skipped now.
                        try transaction.submit("INSERT INTO notes (text) VALUES (\("b") || \("c"))")
                        try transaction.submit("INSERT INTO notes (text) VALUES (\("b") || \("c"))")
                    }
                }
            }
            try await database.write { transaction in
                try transaction.submit("INSERT INTO notes (text) VALUES (\("b") || \("c"))")
            }
            #expect(try await database.notes() == ["a", "bc"])
        }
    }

    @Test("are dropped on the server too when the cache is full")
    func leastRecentlyUsed() async throws {
        try await withPostgresDatabase(PostgresSettings(connections: 1, statementLimit: 5)) { database in
            for round in 0..<3 {
                for number in 0..<30 {
                    let select = Statement(unsafeSQL: "SELECT \(number)")
                    #expect(try await database.integer(select) == number, "round \(round)")
                }
            }
            let prepared = try #require(try await database.integer("SELECT count(*) FROM pg_prepared_statements"))
            // The one that counts and the last one that was dropped may be there still.
            #expect((5...7).contains(prepared))
        }
    }

    @Test("are prepared anew when another process has changed the table, or has discarded them")
    func stale() async throws {
        try await withPostgres(PostgresSettings(connections: 1)) { _, open in
            let database = try open()
            try await database.makeNotes()
            let all: Statement = "SELECT * FROM notes"
            let columns: @Sendable () async throws -> Int = {
                try await database.write { transaction in
                    try transaction.note("n")
                    return try transaction.first(all) { $0.columnCount } ?? 0
                }
            }
            #expect(try await columns() == 2)
            try await open().write { try $0.script("ALTER TABLE notes ADD COLUMN more text; DELETE FROM notes") }
            #expect(try await columns() == 3)
            try await database.write { try $0.script("DEALLOCATE ALL; DELETE FROM notes") }
            #expect(try await columns() == 3)
            #expect(try await database.notes() == ["n"])
        }
    }

    @Test(
        "cannot end their transaction",
        arguments: ["COMMIT", " rollback", "END", "ABORT", "BEGIN", "START TRANSACTION", "PREPARE TRANSACTION 'x'"])
    func control(_ sql: String) async throws {
        try await withPostgresDatabase { database in
            try await database.makeNotes()
            await #expect(throws: InternalFailure.self) {
                try await database.write { transaction in
                    try transaction.note("a")
                    try transaction.execute(Statement(unsafeSQL: sql))
                }
            }
            #expect(try await database.notes().isEmpty)
            await #expect(throws: InternalFailure.self) {
                try await database.write { transaction in
                    try transaction.script(sql == "BEGIN" || sql.hasPrefix("START") ? "COMMIT" : sql)
                    try transaction.note("b")
                }
            }
            #expect(try await database.notes().isEmpty)
            try await database.ping()
        }
    }

    @Test("that copy data are refused, and the database goes on")
    func copy() async throws {
        try await withPostgresDatabase(PostgresSettings(connections: 1)) { database in
            try await database.makeNotes()
            await #expect(throws: InternalFailure.self) {
                try await database.write { try $0.execute("COPY notes FROM STDIN") }
            }
            await #expect(throws: InternalFailure.self) {
                try await database.write { try $0.script("COPY notes TO STDOUT") }
            }
            await #expect(throws: InternalFailure.self) { try await database.write { try $0.execute("") } }
            try await database.write { try $0.note("a") }
            #expect(try await database.notes() == ["a"])
        }
    }
}
