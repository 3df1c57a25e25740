import FoundationEssentials
import Glibc
import SQL
import SQLite
import Shared
import TestSupport
import Testing

@Suite("SQLite's file")
struct SQLiteFileTests {
    private func reason(_ path: String) -> String? {
        let error = #expect(throws: SQLiteOpenFailure.self) { try SQLiteDatabase(path: path) }
        #expect(error?.path == path)
        #expect(error.map { "\($0)".hasPrefix("cannot use the database \(path): ") } == true)
        return error?.reason
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("is made for its owner only, with the folders above it")
    func modes() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/a/b/data.sqlite"
            let database = try SQLiteDatabase(path: path)
            try await database.makeNotes()
            #expect(try mode(path) == 0o600)
            #expect(try mode(path + "-wal") == 0o600)
            #expect(try mode("\(folder)/a/b") == 0o700)
            #expect(try mode("\(folder)/a") == 0o700)
            await database.close()
        }
    }

    @Test("is written with durable commits, checked keys and a write-ahead log")
    func pragmas() async throws {
        try await withSQLite { _, open in
            let database = try open()
            #expect(try await database.pragma("journal_mode") == "wal")
            #expect(try await database.pragma("synchronous") == "2")
            #expect(try await database.pragma("foreign_keys") == "1")
            #expect(try await database.pragma("trusted_schema") == "0")
            #expect(try await database.pragma("temp_store") == "2")
            #expect(try await database.pragma("journal_size_limit") == "67108864")
            #expect(try await database.pragma("wal_autocheckpoint") == "1000")
        }
    }

    @Test(
        "is guarded against statements that would damage the database or reach other files",
        arguments: [
            "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema", "ATTACH 'other.sqlite' AS other",
            "SELECT load_extension('x')", "INSERT INTO notes (text) VALUES (\"text\")",
        ])
    func guarded(_ script: String) async throws {
        try await withSQLite { _, open in
            let database = try open()
            try await database.makeNotes()
            await #expect(throws: InternalFailure.self) { try await database.write { try $0.script(script) } }
            #expect(try await database.notes().isEmpty)
        }
    }

    @Test("keeps what was written when it is opened again, and has no log left after closing")
    func reopened() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/data.sqlite"
            let first = try SQLiteDatabase(path: path)
            try await first.makeNotes()
            try await first.write { try $0.note("kept") }
            await first.close()
            await first.close()
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
            let second = try SQLiteDatabase(path: path)
            #expect(try await second.notes() == ["kept"])
            await second.close()
        }
    }

    @Test("is refused if it is something else, with a sentence that says what")
    func notADatabase() async throws {
        try await withTemporaryFolder { folder in
            let text = "\(folder)/text"
            try Data("This is a text of many words, not a database at all. It is longer than a header is.".utf8)
                .write(to: URL(filePath: text))
            #expect(reason(text) == "it is not an SQLite database")
            #expect(reason(folder) == "it is a folder")
            #expect(reason("/dev/null") == "it is not a file")
            #expect(reason("\(text)/data.sqlite")?.contains("Not a directory") == true)
        }
    }

    @Test("is locked for one server, which the second one is told")
    func lock() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/sub/data.sqlite"
            let first = try SQLiteLock(databasePath: path)
            let error = #expect(throws: SQLiteLockFailure.self) { try SQLiteLock(databasePath: path) }
            #expect(error?.process == Int(getpid()))
            #expect(error.map { "\($0)" } == "another server uses the database \(path) (process \(getpid()))")
            // Other commands may use the file meanwhile.
            let database = try SQLiteDatabase(path: path)
            try await database.ping()
            await database.close()
            first.release()
            let second = try SQLiteLock(databasePath: path)
            second.release()
        }
    }
}
