import SQL
import SQLite
import Shared
import TestSupport
import Testing

private struct PlannedFailure: Error {}

@Suite("SQLite's group commit")
struct SQLiteGroupCommitTests {
    @Test("undoes failing members alone")
    func failingMembers() async throws {
        try await withSQLite { _, open in
            let database = try open()
            try await database.makeNotes()
            let outcomes = try await database.asOneGroup(9) { number, transaction in
                try transaction.note("n\(number)")
                if number % 3 == 1 { throw PlannedFailure() }
                if number % 3 == 2 { try transaction.note("n\(number)") }
            }
            for (number, error) in outcomes.enumerated() {
                switch number % 3 {
                case 0: #expect(error == nil)
                case 1: #expect(error is PlannedFailure)
                default: #expect((error as? ConstraintViolation)?.isUnique("notes", "text") == true)
                }
            }
            #expect(Set(try await database.notes()) == ["n0", "n3", "n6"])
        }
    }

    @Test("keeps what was acknowledged on a full disk, and refuses only the member that does not fit")
    func fullDisk() async throws {
        try await withSQLite { path, open in
            let database = try open()
            try await database.makeNotes()
            try await database.write { try $0.note("before") }
            try await database.limitPages(more: 10)
            let outcomes = try await database.asOneGroup(7) { number, transaction in
                try transaction.note("n\(number)", body: Array(repeating: 1, count: number == 3 ? 1_000_000 : 10))
            }
            for (number, error) in outcomes.enumerated() {
                if number == 3 {
                    #expect((error as? Unavailable)?.resource == "database")
                    #expect((error as? Unavailable)?.reason.hasPrefix("SQLITE_FULL") == true)
                } else {
                    #expect(error == nil)
                }
            }
            #expect(Set(try await database.notes()) == ["before", "n0", "n1", "n2", "n4", "n5", "n6"])
            // What other connections see is what the file holds.
            #expect(try await open().notes().count == 7)
            try await database.limitPages(more: 1_000)
            try await database.write { try $0.note("after", body: Array(repeating: 1, count: 1_000_000)) }
            #expect(try await database.notes().last == "after")
        }
    }

    @Test("does not believe a member that hides the loss of its transaction")
    func hiddenLoss() async throws {
        try await withSQLite { _, open in
            let database = try open()
            try await database.makeNotes()
            try await database.limitPages(more: 10)
            for size in [1, 3] {
                let outcomes = try await database.asOneGroup(size) { number, transaction in
                    try transaction.note("first \(size) \(number)")
                    guard number == 0 else { return }
                    do {
                        try transaction.note("big", body: Array(repeating: 1, count: 1_000_000))
                    } catch {
                        // Must not be written outside a transaction.
                        try? transaction.note("after the loss")
                    }
                }
                #expect(outcomes[0] is Unavailable)
                #expect(outcomes.dropFirst().allSatisfy { $0 == nil })
            }
            #expect(Set(try await database.notes()) == ["first 3 1", "first 3 2"])
        }
    }

    @Test(
        "refuses a member that would end the transaction itself, and keeps those beside it",
        arguments: ["COMMIT", "ROLLBACK", "COMMIT; BEGIN", "SAVEPOINT a", "RELEASE member", "ROLLBACK TO member"])
    func ownControl(_ script: String) async throws {
        try await withSQLite { _, open in
            let database = try open()
            try await database.makeNotes()
            for control in [{ try $0.script(script) }, { try $0.execute(Statement(unsafeSQL: script)) }]
                as [@Sendable (any SQLTransaction) throws -> Void]
            {
                let outcomes = try await database.asOneGroup(3) { number, transaction in
                    try transaction.note("n\(number)")
                    if number == 1 { try control(transaction) }
                }
                #expect(outcomes[0] == nil)
                #expect(outcomes[1] is InternalFailure)
                #expect(outcomes[2] == nil)
                #expect(Set(try await database.notes()) == ["n0", "n2"])
                try await database.write { try $0.execute("DELETE FROM notes") }
            }
        }
    }

    @Test("checks deferred keys of each member, and refuses only the one that breaks them")
    func deferredKeys() async throws {
        try await withSQLite { _, open in
            let database = try open()
            try await database.write { transaction in
                try transaction.script(
                    """
                    CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;
                    CREATE TABLE children (
                        parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
                    """)
            }
            let outcomes = try await database.asOneGroup(4) { number, transaction in
                try transaction.execute("INSERT INTO children VALUES (\(number))")
                if number != 2 { try transaction.execute("INSERT INTO parents VALUES (\(number))") }
            }
            #expect((outcomes[2] as? ConstraintViolation)?.kind == .foreignKey)
            #expect(outcomes.count { $0 == nil } == 3)
            let children = try await database.read { transaction in
                try transaction.query("SELECT parent FROM children ORDER BY parent") { try $0.integer(0) }
            }
            #expect(children == [0, 1, 3])
        }
    }

    @Test("refuses one unit of work more than may wait, and takes new ones afterwards")
    func fullQueue() async throws {
        try await withSQLite(SQLiteSettings(queueLimit: 3)) { _, open in
            let database = try open()
            try await database.makeNotes()
            let outcomes = try await database.asOneGroup(3) { number, transaction in
                try transaction.note("n\(number)")
            } whileWaiting: {
                let error = await #expect(throws: Unavailable.self) { try await database.write { try $0.note("x") } }
                #expect(error?.resource == "database")
            }
            #expect(outcomes.allSatisfy { $0 == nil })
            try await database.write { try $0.note("later") }
            #expect(try await database.notes().count == 4)
        }
    }

    @Test("never begins a unit of work whose task was cancelled while it waited")
    func cancelledWaiter() async throws {
        try await withSQLite { _, open in
            let database = try open()
            try await database.makeNotes()
            _ = try await database.asOneGroup(0) { _, _ in
            } whileWaiting: {
                let waiter = Task { try await database.write { try $0.note("cancelled") } }
                try await until { database.waitingWrites > 0 }
                waiter.cancel()
                await #expect(throws: CancellationError.self) { try await waiter.value }
                #expect(database.waitingWrites == 0)
            }
            #expect(try await database.notes().isEmpty)
        }
    }
}
