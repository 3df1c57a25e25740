import Postgres
import PostgresSupport
import SQL
import ServerSupport
import Shared
import Synchronization
import TestSupport
import Testing

@Suite("PostgreSQL behind a bad network")
struct PostgresNetworkTests {
    @Test("a commit of which nobody knows is told so, and is not tried again")
    func unknownCommit() async throws {
        try await withProxy { proxy, url, database in
            try await database.makeNotes()
            for (number, behaviour) in [TCPProxy.Behaviour.cutAfter("COMMIT"), .cutBefore("COMMIT")].enumerated() {
                try await database.ping()
                proxy.set(behaviour)
                let runs = Atomic(0)
                let error = await #expect(throws: Unavailable.self) {
                    try await database.write { transaction in
                        runs.add(1, ordering: .relaxed)
                        try transaction.submitNote("n\(number)")
                    }
                }
                #expect(error?.reason.contains("nobody knows whether it was done") == true)
                #expect(runs.load(ordering: .relaxed) == 1)
                proxy.set(.forward)
            }
            // In truth the first was done.
            #expect(try await database.notes() == ["n0"])
        }
    }

    @Test("a unit of work that was cut before its COMMIT is run again")
    func again() async throws {
        try await withProxy { proxy, url, database in
            try await database.makeNotes()
            let runs = Atomic(0)
            try await database.write { transaction in
                try transaction.note("a")
                if runs.add(1, ordering: .relaxed).newValue == 1 { proxy.cut() }
                try transaction.note("b")
            }
            #expect(runs.load(ordering: .relaxed) == 2)
            #expect(try await database.notes() == ["a", "b"])
        }
    }

    @Test("connections that were cut while they were idle are noticed", arguments: [true, false])
    func idle(_ isOneStatement: Bool) async throws {
        try await withProxy { proxy, url, database in
            try await database.makeNotes()
            for number in 0..<5 {
                proxy.cut()
                // Long enough that the connection counts as idle; its end may come any time after.
                try await Task.sleep(for: .milliseconds(60))
                try await database.write { transaction in
                    try transaction.submitNote("n\(number)")
                    if !isOneStatement { _ = try transaction.processID() }
                }
            }
            #expect(try await database.notes().count == 5)
        }
    }

    @Test("a network that swallows answers is given up, and the next unit of work finds a new connection")
    func swallowing() async throws {
        let settings = PostgresSettings(
            connections: 2, answerTimeout: .seconds(2),
            patience: .milliseconds(200))
        try await withProxy(settings) { proxy, url, database in
            try await until { (try? await database.ping()) != nil }
            proxy.set(.swallow)
            let error = await #expect(throws: Unavailable.self) { try await database.read { _ = try $0.processID() } }
            #expect(error?.reason.contains("no answer within") == true)
            proxy.set(.forward)
            try await until { (try? await database.ping()) != nil }
        }
    }

    @Test("a port that accepts and never answers is given up, and then refuses at once")
    func silence() async throws {
        let proxy = try TCPProxy(to: nil)
        defer { proxy.stop() }
        let url = try PostgresURL("postgres://app:topsecret@127.0.0.1:\(proxy.port)/app?sslmode=disable")
        try await withOpening(url, PostgresSettings(connections: 2, connectTimeout: .seconds(2))) { open in
            let database = try open()
            let error = await #expect(throws: Unavailable.self) { try await database.ping() }
            #expect(error?.reason.contains("timeout") == true)
            for _ in 0..<1_000 { await #expect(throws: Unavailable.self) { try await database.ping() } }
        }
    }

    @Test("a refused connection, a wrong user and a wrong database are told without the password")
    func refusals() async throws {
        try await withPostgres { url, _ in
            let proxy = try TCPProxy(to: nil)
            proxy.stop()
            let cases = [
                (url.with("port", "\(proxy.port)"), "refused"), (url.with("dbname", "nothing"), "\"nothing\""),
                (url.with("user", "nobody"), "\"nobody\""), (url.with("host", "nowhere.invalid"), "nowhere.invalid"),
            ]
            for (url, hint) in cases {
                let sink = RecordingLogSink()
                try await withOpening(url.with("password", "topsecret"), PostgresSettings(), sink.logger()) { open in
                    let error = await #expect(throws: Unavailable.self) { try await open().ping() }
                    #expect(error?.reason.contains(hint) == true)
                    #expect(error?.description.contains("topsecret") == false)
                }
                #expect(sink.messages == ["the database cannot be reached"])
                #expect(!"\(sink.entries)".contains("topsecret"))
            }
        }
    }

    private func withProxy(
        _ settings: PostgresSettings = PostgresSettings(connections: 2),
        _ body: (TCPProxy, PostgresURL, PostgresDatabase) async throws -> Void
    ) async throws {
        try await withPostgres { url, _ in
            let proxy = try TCPProxy(to: Int(url["port"] ?? ""))
            defer { proxy.stop() }
            let url = url.with("port", "\(proxy.port)").with("connect_timeout", "5")
            try await withOpening(url, settings) { open in try await body(proxy, url, try open()) }
        }
    }
}
