import Postgres
import PostgresSupport
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@Suite("PostgreSQL that goes away and comes back", .serialized)
struct PostgresOutageTests {
    @Test("loses nothing that was acknowledged when it is stopped and started under load", arguments: [false, true])
    func restart(_ isPooled: Bool) async throws {
        try await PostgresServer.withOwn(["fsync=on"]) { server in
            if isPooled {
                try await server.withPooler { try await restart(server, $0) }
            } else {
                try await restart(server, server.url)
            }
        }
    }

    private func restart(_ server: PostgresServer, _ url: PostgresURL) async throws {
        let sink = RecordingLogSink()
        try await withOpening(url, PostgresSettings(connections: 4), sink.logger()) { open in
            let database = try open()
            try await database.makeNotes()
            let load = Load(database)
            try await load.run { load in
                try await load.until(done: 50)
                for isImmediate in [false, true] {
                    try await server.stop(immediately: isImmediate)
                    try await load.until(refused: 20)
                    let back = ContinuousClock.now
                    try await server.start()
                    try await load.until(done: 50)
                    // Within 10 s; on a machine that does much else the server itself takes its time.
                    #expect(ContinuousClock.now - back < .seconds(60))
                }
            }
            let kept = Set(try await database.notes())
            let acknowledged = load.acknowledged
            #expect(acknowledged.isSubset(of: kept))
            // What was refused was not done, unless it was said that nobody knows.
            #expect(kept.isSubset(of: acknowledged.union(load.unknown)))
            #expect(load.unexpected.isEmpty)
        }
    }

    @Test("does all the work although every connection is cut again and again")
    func terminations() async throws {
        try await withPostgres(PostgresSettings(connections: 4)) { url, open in
            let database = try PostgresDatabase(
                url: url.with("application_name", "victim"), settings: PostgresSettings(connections: 4))
            let killer = try open()
            try await database.makeNotes()
            let load = Load(database)
            try await load.run { load in
                for _ in 0..<20 {
                    try await load.until(done: 5)
                    try await killer.write { transaction in
                        try transaction.execute(
                            """
                            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE datname = current_database() AND application_name = \("victim")
                            """)
                    }
                }
            }
            await database.close()
            let kept = Set(try await killer.notes())
            #expect(load.acknowledged.isSubset(of: kept))
            #expect(kept.isSubset(of: load.acknowledged.union(load.unknown)))
            #expect(load.unexpected.isEmpty)
        }
    }

    @Test("refuses at once while it is away, and says so in the log once")
    func refusing() async throws {
        try await PostgresServer.withOwn { server in
            let sink = RecordingLogSink()
            try await withOpening(server.url, PostgresSettings(connections: 2), sink.logger()) { open in
                let database = try open()
                try await database.ping()
                try await server.stop()
                for _ in 0..<500 { await #expect(throws: Unavailable.self) { try await database.ping() } }
                #expect(sink.messages == ["the database cannot be reached"])
                try await server.start()
                try await until { (try? await database.ping()) != nil }
                try await until { sink.messages.count == 2 }
                #expect(sink.messages.last == "the database can be reached again")
            }
        }
    }
}

/// Eight tasks that write notes as fast as they can.
private final class Load: Sendable {
    private struct State {
        var acknowledged: Set<String> = []
        var unknown: Set<String> = []
        var refused = 0
        var unexpected: [String] = []
        var isEnd = false
    }

    private let database: PostgresDatabase
    private let state = Mutex(State())

    init(_ database: PostgresDatabase) {
        self.database = database
    }

    var acknowledged: Set<String> { state.withLock { $0.acknowledged } }
    var unknown: Set<String> { state.withLock { $0.unknown } }
    var unexpected: [String] { state.withLock { $0.unexpected } }

    /// Waits for so many more.
    func until(done count: Int) async throws {
        let before = acknowledged.count
        try await TestSupport.until { self.acknowledged.count >= before + count }
    }

    func until(refused count: Int) async throws {
        let before = state.withLock { $0.refused }
        try await TestSupport.until { self.state.withLock { $0.refused } >= before + count }
    }

    func run(_ body: (Load) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 { group.addTask { await self.write(worker) } }
            let result: Result<Void, any Error>
            do { result = .success(try await body(self)) } catch { result = .failure(error) }
            state.withLock { $0.isEnd = true }
            try await group.waitForAll()
            try result.get()
        }
    }

    private func write(_ worker: Int) async {
        var number = 0
        while !state.withLock({ $0.isEnd }) {
            number += 1
            let text = "\(worker)-\(number)"
            do {
                // One with an answer in the middle, one without.
                try await database.write { transaction in
                    try transaction.submitNote(text)
                    if worker % 2 == 0 { _ = try transaction.processID() }
                }
                state.withLock { _ = $0.acknowledged.insert(text) }
            } catch let error as Unavailable {
                state.withLock { state in
                    state.refused += 1
                    if error.reason.contains("nobody knows") { state.unknown.insert(text) }
                }
                try? await Task.sleep(for: .milliseconds(2))
            } catch {
                state.withLock { $0.unexpected.append("\(error)") }
            }
        }
    }
}
