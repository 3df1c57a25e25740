import Dispatch
import Lifecycle
import SQL
import SQLite
import Shared
import TestSupport
import Testing

@Suite("An SQLite database")
struct SQLiteDatabaseTests {
    @Test("finishes what waits when it is closed, and refuses what comes later")
    func closing() async throws {
        try await withSQLite { _, open in
            let database = try open()
            try await database.makeNotes()
            let gate = DispatchSemaphore(value: 0)
            let began = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { gate.signal() }
                group.addTask {
                    try await database.write { _ in
                        began.continuation.yield()
                        gate.wait()
                    }
                }
                for await _ in began.stream { break }
                for number in 0..<5 {
                    group.addTask { try await database.write { try $0.note("n\(number)") } }
                }
                try await until { database.waitingWrites == 5 }
                group.addTask { await database.close() }
                // It refuses as soon as closing began, while the writer is still held.
                try await until { (try? await database.ping()) == nil }
                gate.signal()
                try await group.waitForAll()
            }
            await #expect(throws: Unavailable.self) { try await database.write { try $0.note("late") } }
            await #expect(throws: Unavailable.self) { try await database.notes() }
            await #expect(throws: Unavailable.self) { try await database.ping() }
            #expect(try await open().notes().count == 5)
        }
    }

    @Test("refuses what still waits at the deadline of closing")
    func deadline() async throws {
        try await withSQLite { _, open in
            let database = try open()
            try await database.makeNotes()
            let gate = DispatchSemaphore(value: 0)
            let began = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { gate.signal() }
                group.addTask {
                    try await database.write { _ in
                        began.continuation.yield()
                        gate.wait()
                    }
                }
                for await _ in began.stream { break }
                let waiter = Task { try await database.write { try $0.note("waits") } }
                try await until { database.waitingWrites > 0 }
                group.addTask { await database.close(by: .now) }
                await #expect(throws: Unavailable.self) { try await waiter.value }
                gate.signal()
                try await group.waitForAll()
            }
            #expect(try await open().notes().isEmpty)
        }
    }

    @Test("is a service that closes when it is asked to end")
    func service() async throws {
        try await withSQLite { _, open in
            let database = try open()
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

    @Test("reads on several threads at once")
    func parallelReads() async throws {
        try await withSQLite(SQLiteSettings(readers: 2)) { _, open in
            let database = try open()
            let first = DispatchSemaphore(value: 0)
            let second = DispatchSemaphore(value: 0)
            // Each waits for the other: one thread alone would never end.
            async let one: Void = database.read { _ in
                first.signal()
                second.wait()
            }
            async let other: Void = database.read { _ in
                second.signal()
                first.wait()
            }
            _ = try await (one, other)
        }
    }

    @Test("waits for another process that writes, and says so if that takes too long")
    func busy() async throws {
        try await withSQLite(SQLiteSettings(busyTimeout: .milliseconds(20))) { path, open in
            let database = try open()
            try await database.makeNotes()
            let other = try open()
            let began = AsyncStream.makeStream(of: Void.self)
            let gate = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await other.write { transaction in
                        try transaction.note("other")
                        began.continuation.yield()
                        gate.wait()
                    }
                }
                for await _ in began.stream { break }
                let error = await #expect(throws: Unavailable.self) {
                    try await database.write { try $0.note("refused") }
                }
                #expect(error?.reason.hasPrefix("SQLITE_BUSY") == true)
                gate.signal()
                try await group.waitForAll()
            }
            let patient = try SQLiteDatabase(path: path)
            try await patient.write { try $0.note("mine") }
            #expect(try await database.notes() == ["other", "mine"])
            await patient.close()
        }
    }

    @Test("prepares a statement anew after the schema was changed by another process")
    func schemaChange() async throws {
        try await withSQLite { _, open in
            let database = try open()
            try await database.makeNotes()
            try await database.write { try $0.note("a") }
            #expect(try await database.notes() == ["a"])
            try await open().write { try $0.script("ALTER TABLE notes ADD COLUMN more TEXT") }
            try await database.write { try $0.note("b") }
            #expect(try await database.notes() == ["a", "b"])
        }
    }

    @Test("keeps working with more statements than it keeps prepared")
    func manyStatements() async throws {
        try await withSQLite(SQLiteSettings(statementLimit: 4)) { _, open in
            let database = try open()
            let sums = try await database.write { transaction in
                try (0..<3).map { _ in
                    try (0..<20).reduce(0) { sum, number in
                        let select = Statement(unsafeSQL: "SELECT \(number)")
                        return sum + (try transaction.first(select) { try $0.integer(0) } ?? 0)
                    }
                }
            }
            #expect(sums == [190, 190, 190])
        }
    }

    @Test("refuses a value of another type than its column, as a defect that does not tell the value")
    func strictTypes() async throws {
        try await withSQLite { _, open in
            let database = try open()
            try await database.makeNotes()
            let error = await #expect(throws: InternalFailure.self) {
                try await database.write { try $0.execute("INSERT INTO notes VALUES (\("t"), \("secret"))") }
            }
            #expect(error?.description.contains("secret") == false)
        }
    }
}
