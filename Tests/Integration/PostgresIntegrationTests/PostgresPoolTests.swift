import Lifecycle
import Postgres
import PostgresSupport
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@Suite("The pool of PostgreSQL connections")
struct PostgresPoolTests {
    @Test("opens connections when they are needed only, up to its bound, and uses the last one first")
    func lazy() async throws {
        try await withPostgres(PostgresSettings(connections: 3)) { _, open in
            let database = try open()
            #expect(database.statistics.open == 0)
            var processes: Set<Int> = []
            for _ in 0..<20 { processes.insert(try await database.read { try $0.processID() }) }
            #expect(processes.count == 1)
            #expect(database.statistics.open == 1)
            let steps = (0..<3).map { _ in (began: Step(), end: Step()) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for step in steps {
                    group.addTask {
                        try await database.write { transaction in
                            _ = try transaction.processID()
                            step.began.reach()
                            step.end.block()
                        }
                    }
                }
                for step in steps { await step.began.task() }
                #expect(database.statistics.open == 3)
                #expect(database.statistics.busy == 3)
                group.addTask { try await database.ping() }
                try await until { database.statistics.waiting == 1 }
                for step in steps { step.end.reach() }
                try await group.waitForAll()
            }
            #expect(database.statistics.open == 3)
            #expect(database.statistics.waiting == 0)
        }
    }

    @Test("closes connections that were idle for long, but not the one in use")
    func idle() async throws {
        try await withPostgres(PostgresSettings(connections: 4, closeIdleAfter: .milliseconds(20))) { _, open in
            let database = try open()
            let steps = (0..<4).map { _ in (began: Step(), end: Step()) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for step in steps {
                    group.addTask {
                        try await database.read { transaction in
                            step.began.reach()
                            step.end.block()
                        }
                    }
                }
                for step in steps { await step.began.task() }
                for step in steps { step.end.reach() }
                try await group.waitForAll()
            }
            try await until {
                try await database.ping()
                return database.statistics.open == 1
            }
        }
    }

    @Test("refuses what its queue cannot hold, and forgets what is cancelled while it waits")
    func bounds() async throws {
        try await withPostgres(PostgresSettings(connections: 1, queueLimit: 2)) { _, open in
            let database = try open()
            try await database.makeNotes()
            let began = Step()
            let end = Step()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await database.write { transaction in
                        try transaction.note("first")
                        began.reach()
                        end.block()
                    }
                }
                await began.task()
                let cancelled = Task { try await database.write { try $0.note("cancelled") } }
                try await until { database.statistics.waiting == 1 }
                group.addTask { try await database.write { try $0.note("second") } }
                try await until { database.statistics.waiting == 2 }
                let error = await #expect(throws: Unavailable.self) { try await database.ping() }
                #expect(error?.reason == "2 units of work are waiting")
                cancelled.cancel()
                await #expect(throws: CancellationError.self) { try await cancelled.value }
                end.reach()
                try await group.waitForAll()
            }
            #expect(try await database.notes() == ["first", "second"])
        }
    }

    @Test("finishes what waits when it is closed, refuses what comes later, and leaves no connection open")
    func closing() async throws {
        try await withPostgres(PostgresSettings(connections: 1)) { url, open in
            let watcher = try open()
            let database = try PostgresDatabase(
                url: url.with("application_name", "closing"),
                settings: PostgresSettings(connections: 1, queueLimit: 5))
            try await database.makeNotes()
            let began = Step()
            let end = Step()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await database.write { transaction in
                        try transaction.note("first")
                        began.reach()
                        end.block()
                    }
                }
                await began.task()
                for number in 0..<5 { group.addTask { try await database.write { try $0.note("n\(number)") } } }
                try await until { database.statistics.waiting == 5 }
                group.addTask { await database.close() }
                // The queue is full, so that this does not wait before closing began either.
                try await until {
                    let error = await #expect(throws: Unavailable.self) { try await database.ping() }
                    return error?.reason == "shutting down"
                }
                end.reach()
                try await group.waitForAll()
            }
            await #expect(throws: Unavailable.self) { try await database.write { try $0.note("late") } }
            #expect(database.statistics.open == 0)
            #expect(try await watcher.notes().count == 6)
            let left: Statement = "SELECT count(*) FROM pg_stat_activity WHERE application_name = \("closing")"
            try await until { try await watcher.integer(left) == 0 }
        }
    }

    @Test("refuses what still waits at the deadline of closing")
    func deadline() async throws {
        try await withPostgres(PostgresSettings(connections: 1)) { _, open in
            let database = try open()
            let began = Step()
            let end = Step()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await database.read { _ in
                        began.reach()
                        end.block()
                    }
                }
                await began.task()
                let waiter = Task { try await database.ping() }
                try await until { database.statistics.waiting == 1 }
                group.addTask { await database.close(by: .now) }
                await #expect(throws: Unavailable.self) { try await waiter.value }
                end.reach()
                try await group.waitForAll()
            }
        }
    }

    @Test("is a service that closes when it is asked to end")
    func service() async throws {
        try await withPostgresDatabase { database in
            let lifecycle = ServiceLifecycle()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await database.run(lifecycle) }
                try await database.ping()
                lifecycle.requestShutdown(deadline: .now + .seconds(60))
                try await group.waitForAll()
            }
            await #expect(throws: Unavailable.self) { try await database.ping() }
        }
    }

    @Test("lives with fewer connections than it wants if the server gives no more")
    func fewer() async throws {
        try await withPostgres(PostgresSettings(connections: 4)) { url, open in
            // Roles are the whole server's.
            let role = "limited_\(url["dbname"] ?? "")"
            try await open().write { try $0.script("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 2") }
            try await withOpening(url.with("user", role), PostgresSettings(connections: 4)) { open in
                let database = try open()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<40 {
                        group.addTask { _ = try await database.read { try $0.execute("SELECT pg_sleep(0.005)") } }
                    }
                    try await group.waitForAll()
                }
                #expect(database.statistics.open == 2)
            }
            try await open().write { try $0.script("DROP ROLE \(role)") }
        }
    }
}
