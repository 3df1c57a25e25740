import Postgres
import PostgresSupport
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@Suite("Units of work on PostgreSQL that hinder each other")
struct PostgresConflictTests {
    @Test("are run again when they lock each other out, and both are done")
    func deadlock() async throws {
        try await withPostgres { url, open in
            let database = try open()
            try await database.makeNotes()
            try await database.write { transaction in
                try transaction.note("a")
                try transaction.note("b")
            }
            let meeting = Meeting()
            let runs = Atomic(0)
            let lock: @Sendable (String, String) async throws -> Void = { first, second in
                try await database.write { transaction in
                    runs.add(1, ordering: .relaxed)
                    try transaction.execute("UPDATE notes SET text = text WHERE text = \(first)")
                    meeting.meet()
                    try transaction.execute("UPDATE notes SET text = text WHERE text = \(second)")
                    try transaction.execute("INSERT INTO notes (text) VALUES (\(first + second))")
                }
            }
            async let one: Void = lock("a", "b")
            async let other: Void = lock("b", "a")
            _ = try await (one, other)
            // On a slow machine the second attempt may meet the first again.
            #expect((3...7).contains(runs.load(ordering: .relaxed)))
            #expect(Set(try await database.notes()) == ["a", "b", "ab", "ba"])
        }
    }

    @Test("are given up after a few attempts that are all in conflict")
    func hopeless() async throws {
        try await withPostgresDatabase { database in
            let runs = Atomic(0)
            let error = await #expect(throws: Unavailable.self) {
                try await database.write { transaction in
                    runs.add(1, ordering: .relaxed)
                    try transaction.execute("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$")
                }
            }
            #expect(error?.reason.contains("40001") == true)
            #expect(runs.load(ordering: .relaxed) == 6)
        }
    }

    @Test("are refused when a lock is not given in time")
    func lockTimeout() async throws {
        try await withPostgres(PostgresSettings(connections: 2, lockTimeout: .milliseconds(50))) { _, open in
            let database = try open()
            try await database.makeNotes()
            try await database.write { try $0.note("a") }
            let locked = Step()
            let done = Step()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await database.write { transaction in
                        try transaction.execute("UPDATE notes SET text = \("b")")
                        locked.reach()
                        done.block()
                    }
                }
                await locked.task()
                let error = await #expect(throws: Unavailable.self) {
                    try await database.write { try $0.execute("UPDATE notes SET text = \("c")") }
                }
                #expect(error?.reason.contains("55P03") == true)
                done.reach()
                try await group.waitForAll()
            }
            #expect(try await database.notes() == ["b"])
        }
    }

    @Test("are refused when a statement takes too long, but a script is not")
    func statementTimeout() async throws {
        try await withPostgresDatabase(PostgresSettings(connections: 1, statementTimeout: .milliseconds(500))) {
            database in
            let error = await #expect(throws: Unavailable.self) {
                try await database.write { try $0.execute("SELECT pg_sleep(60)") }
            }
            #expect(error?.reason.contains("57014") == true)
            try await database.write { transaction in
                try transaction.script("SELECT pg_sleep(0.8)")
                // The limit is back after it.
                let limit = try transaction.first("SELECT current_setting('statement_timeout')") { try $0.text(0) }
                #expect(limit == "500ms")
            }
            await #expect(throws: Unavailable.self) {
                try await database.read { try $0.execute("SELECT pg_sleep(60)") }
            }
        }
    }

    @Test("are refused as unavailable by a server that takes no writes, and done when it does again")
    func readOnlyServer() async throws {
        try await withPostgres(PostgresSettings(connections: 1)) { url, open in
            let database = try open()
            try await database.makeNotes()
            let name = url["dbname"] ?? ""
            try await database.write {
                try $0.script("ALTER DATABASE \(name) SET default_transaction_read_only = on")
            }
            let stranger = try open()
            let error = await #expect(throws: Unavailable.self) { try await stranger.write { try $0.note("a") } }
            #expect(error?.reason.contains("25006") == true)
            #expect(stranger.statistics.open == 0)
            try await database.write { try $0.script("ALTER DATABASE \(name) RESET default_transaction_read_only") }
            try await stranger.write { try $0.note("b") }
            #expect(try await database.notes() == ["b"])
        }
    }

    @Test("give way when the server has thrown out one that did nothing for too long")
    func idleInTransaction() async throws {
        let settings = PostgresSettings(
            connections: 1, idleInTransactionTimeout: .seconds(1), patience: .seconds(60))
        try await withPostgres(settings) { url, open in
            let database = try open()
            let watcher = try open()
            try await database.makeNotes()
            let runs = Atomic(0)
            let gone = Step()
            async let result: Void = database.write { transaction in
                try transaction.note("a")
                guard runs.add(1, ordering: .relaxed).newValue == 1 else { return }
                gone.block()
                try transaction.note("b")
            }
            let idle: Statement = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
            try await until { runs.load(ordering: .relaxed) == 1 }
            try await until {
                try await watcher.integer("\(idle) AND datname = current_database()") == 0
            }
            gone.reach()
            try await result
            #expect(try await database.notes() == ["a"])
            // On a slow machine the second run may be too slow as well.
            #expect(runs.load(ordering: .relaxed) >= 2)
        }
    }
}

/// Two threads of a driver that wait for each other, once.
private final class Meeting: Sendable {
    private let first = Step()
    private let second = Step()
    private let count = Atomic(0)

    func meet() {
        switch count.add(1, ordering: .sequentiallyConsistent).newValue {
        case 1:
            second.reach()
            first.block()
        case 2:
            first.reach()
            second.block()
        default: break
        }
    }
}
