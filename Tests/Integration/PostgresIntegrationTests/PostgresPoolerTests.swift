import Lifecycle
import Postgres
import PostgresSupport
import SQL
import SQLSuites
import Shared
import TestSupport
import Testing

@Suite("PostgreSQL behind PgBouncer in transaction mode")
struct PostgresPoolerTests {
    @Test("behaves as every database")
    func behaves() async throws {
        let server = try await PostgresServer.shared()
        try await server.withPooler { pooler in
            for behaviour in DatabaseBehaviour.all {
                try await server.withNewDatabase { url in
                    let url = pooler.with("dbname", url["dbname"] ?? "")
                    try await withOpening(url) { open in
                        do {
                            try await behaviour.check { try open() }
                        } catch {
                            Issue.record(error, "\(behaviour.testDescription)")
                        }
                    }
                }
            }
        }
    }

    @Test("leaves neither prepared statements nor settings to others, and keeps its time-outs")
    func sessions() async throws {
        let server = try await PostgresServer.shared()
        try await server.withPooler { pooler in
            try await server.withNewDatabase { url in
                let settings = PostgresSettings(connections: 2, statementTimeout: .seconds(1))
                try await withOpening(pooler.with("dbname", url["dbname"] ?? ""), settings) { open in
                    let database = try open()
                    for number in 0..<10 { #expect(try await database.integer("SELECT \(number)") == number) }
                    #expect(try await database.integer("SELECT count(*) FROM pg_prepared_statements") == 0)
                    let limit = try await database.write { transaction in
                        try transaction.first("SELECT current_setting('statement_timeout')") { try $0.text(0) }
                    }
                    #expect(limit == "1s")
                    await #expect(throws: Unavailable.self) {
                        try await database.write { try $0.execute("SELECT pg_sleep(60)") }
                    }
                    // What the session itself has, as the next client of the pooler finds it.
                    let check = "IF current_setting('statement_timeout') <> '0' THEN RAISE 'left over'; END IF"
                    let through = pooler.with("dbname", url["dbname"] ?? "")
                    try await PostgresAdministration.run("DO $$ BEGIN \(check); END $$", at: through)
                    try await database.write { try $0.script("SELECT pg_sleep(1.3)") }
                }
            }
        }
    }

    @Test("has no notifications, and says so once")
    func notifications() async throws {
        let server = try await PostgresServer.shared()
        try await server.withPooler { pooler in
            let sink = RecordingLogSink()
            let notifications = try PostgresNotifications(
                url: pooler, [("news", { Issue.record("notified behind a pooler") })], logger: sink.logger())
            let lifecycle = ServiceLifecycle()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await notifications.run(lifecycle) }
                try await until { sink.messages.count == 1 }
                notifications.notify("news")
                #expect(!notifications.isListening)
                lifecycle.requestShutdown(deadline: .now + .seconds(10))
                try await group.waitForAll()
            }
            #expect(sink.messages == ["a pooler has no notifications: other processes are looked for by asking only"])
        }
    }
}
