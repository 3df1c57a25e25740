import FoundationEssentials
import Glibc
import Postgres
import PostgresSupport
import SQL
import ServerSupport
import TestSupport
import Testing

@Suite("The PostgreSQL of the tests")
struct PostgresSupportTests {
    private let migrations = [
        Migration(module: "support", version: 1, name: "one", sql: "CREATE TABLE ones (n integer)")
    ]

    @Test("gives each test a database of its own, with the migrations it wants in it")
    func copies() async throws {
        for _ in 0..<3 {
            try await withPostgresDatabase(migrations: migrations) { database in
                #expect(try await Migrator(migrations).up(database).isEmpty)
                #expect(try await database.integer("SELECT count(*) FROM ones") == 0)
                try await database.write { try $0.execute("INSERT INTO ones VALUES (1)") }
            }
        }
    }

    @Test("drops the database of a test, also of one that failed")
    func dropping() async throws {
        var names: [String] = []
        try await withPostgres { url, _ in names.append(url["dbname"] ?? "") }
        await #expect(throws: PlannedFailure.self) {
            try await withPostgres { url, open in
                try await open().ping()
                names.append(url["dbname"] ?? "")
                throw PlannedFailure()
            }
        }
        let dropped = names
        #expect(dropped.count == 2)
        try await withPostgresDatabase { database async throws in
            let left: Statement = "SELECT count(*) FROM pg_database WHERE datname::text IN (\(list: dropped))"
            #expect(try await database.integer(left) == 0)
        }
    }

    @Test("starts programs that hold nothing open of what the tests opened")
    func inheritance() async throws {
        let inherited = open("/etc/hostname", O_RDONLY)
        defer { close(inherited) }
        let held = try await ProgramRun.output("/bin/sh", ["-c", "ls -l /proc/$$/fd"])
        #expect(held.contains("pipe"))
        #expect(!held.contains("socket") && !held.contains("/etc/hostname"))
    }

    @Test("leaves nothing of a server of one's own")
    func ending() async throws {
        var folder = ""
        try await PostgresServer.withOwn { server async throws in
            folder = try #require(server.folder)
            #expect(FileManager.default.fileExists(atPath: folder))
        }
        let gone = folder
        try await until { !FileManager.default.fileExists(atPath: gone) }
    }
}
