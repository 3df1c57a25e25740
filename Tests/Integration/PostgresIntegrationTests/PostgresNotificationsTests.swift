import Lifecycle
import Postgres
import PostgresSupport
import SQL
import Shared
import Synchronization
import TestSupport
import Testing

@Suite("Notifications of PostgreSQL")
struct PostgresNotificationsTests {
    @Test("reach every process that listens on the channel")
    func everybody() async throws {
        try await withPostgres { url, _ in
            let heard = Heard()
            let one = try PostgresNotifications(
                url: url, [("news", heard.handler("one")), ("other", heard.handler("no"))])
            let two = try PostgresNotifications(
                url: url, [("news", heard.handler("two")), ("news", heard.handler("three"))])
            try await running([one, two]) {
                try await until { heard["one"] == 1 && heard["no"] == 1 && heard["two"] == 1 && heard["three"] == 1 }
                one.notify("news")
                try await until { heard["one"] == 2 && heard["two"] == 2 && heard["three"] == 2 }
                two.notify("news")
                try await until { heard["one"] == 3 && heard["two"] == 3 && heard["three"] == 3 }
                #expect(heard["no"] == 1)
                #expect(one.isListening && two.isListening)
            }
            #expect(!one.isListening)
        }
    }

    @Test("of one channel are put together, so that a busy process sends few")
    func coalesced() async throws {
        try await withPostgres { url, _ in
            let heard = Heard()
            let notifications = try PostgresNotifications(url: url, [("news", heard.handler("news"))])
            try await running([notifications]) {
                try await until { heard["news"] == 1 }
                let start = ContinuousClock.now
                for _ in 0..<10_000 { notifications.notify("news") }
                let intervals = Int((ContinuousClock.now - start).wholeMilliseconds / 20)
                try await until { heard["news"] >= 2 }
                // The last one is not lost.
                try await Task.sleep(for: PostgresNotifications.interval * 3)
                #expect(heard["news"] <= intervals + 3)
            }
        }
    }

    @Test("arrive again after the connection was cut, and nothing is missed")
    func reconnecting() async throws {
        try await withPostgres { url, open in
            let database = try open()
            let heard = Heard()
            let listener = try PostgresNotifications(
                url: url.with("application_name", "listener"), [("news", heard.handler("news"))])
            try await running([listener]) {
                try await until { heard["news"] == 1 }
                for round in 1...3 {
                    let before = heard["news"]
                    try await database.write { transaction in
                        try transaction.execute(
                            """
                            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE datname = current_database() AND application_name = \("listener")
                            """)
                    }
                    // After connecting again it looks for what was missed.
                    try await until { heard["news"] > before && listener.isListening }
                    let connected = heard["news"]
                    try await database.write { try $0.execute("SELECT pg_notify('news', '')") }
                    try await until { heard["news"] > connected }
                    #expect(round <= heard["news"])
                }
            }
        }
    }

    @Test("that were asked for while the server was away go out afterwards")
    func pending() async throws {
        try await PostgresServer.withOwn { server in
            let heard = Heard()
            let sender = try PostgresNotifications(url: server.url, [])
            let listener = try PostgresNotifications(url: server.url, [("news", heard.handler("news"))])
            try await running([sender, listener]) {
                try await until { listener.isListening && sender.isListening }
                try await server.stop()
                try await until { !listener.isListening && !sender.isListening }
                sender.notify("news")
                try await server.start()
                try await until { listener.isListening }
                let before = heard["news"]
                if before == 1 { try await until { heard["news"] >= 2 } }
            }
            #expect(heard["news"] >= 2)
        }
    }

    private func running(_ services: [PostgresNotifications], _ body: () async throws -> Void) async throws {
        let lifecycles = services.map { _ in ServiceLifecycle() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (service, lifecycle) in zip(services, lifecycles) {
                group.addTask { try await service.run(lifecycle) }
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            for lifecycle in lifecycles { lifecycle.requestShutdown(deadline: .now + .seconds(10)) }
            try await group.waitForAll()
            try result.get()
        }
    }
}

/// How often each handler was called.
private final class Heard: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    subscript(name: String) -> Int { counts.withLock { $0[name] ?? 0 } }

    func handler(_ name: String) -> PostgresNotifications.Handler {
        { self.counts.withLock { $0[name, default: 0] += 1 } }
    }
}
