import Configuration
import FoundationEssentials
import SQL
import SQLite
import Shared
import TestSupport
import Testing

@testable import Gapura

@Suite("The schema of the program")
struct SchemaTests {
    @Test("every migration in the tree is part of the program")
    func complete() throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let files = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/Sources")
            .filter { $0.contains("/Migrations/") && $0.hasSuffix(".sql") }
        #expect(!files.isEmpty)
        let texts = try files.filter { !$0.hasSuffix(".postgres.sql") }.map {
            try String(contentsOf: URL(filePath: "\(root)/Sources/\($0)"), encoding: .utf8)
        }
        let migrations = Schema.migrations(for: .sqlite)
        #expect(Set(migrations.map(\.sql)) == Set(texts))
        #expect(migrations.count == texts.count)
    }

    @Test("each module's versions are 1, 2, 3 without gaps, and modules do not mix")
    func versions() {
        let migrations = Schema.migrations(for: .sqlite)
        var modules: [String] = []
        for migration in migrations where modules.last != migration.module { modules.append(migration.module) }
        #expect(Set(modules).count == modules.count)
        for module in modules {
            let versions = migrations.filter { $0.module == module }.map(\.version)
            #expect(versions == Array(1...versions.count))
        }
    }

    @Test("every reference to another table is found by an index, so that deleting a row reads no table")
    func references() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/test.db")
            _ = try await Migrator(Schema.migrations(for: .sqlite)).up(database)
            let (references, bare) = try await database.read { transaction in
                let references = try transaction.query(
                    """
                    SELECT tables.name, "from" FROM sqlite_schema AS tables, pragma_foreign_key_list(tables.name)
                    WHERE type = 'table' AND seq = 0
                    """
                ) { (table: try $0.text(0), column: try $0.text(1)) }
                let bare = try references.filter { table, column in
                    try transaction.first(
                        """
                        SELECT 1 FROM pragma_index_list(\(table)) AS indexes, pragma_index_info(indexes.name)
                        WHERE seqno = 0 AND pragma_index_info.name = \(column)
                        """
                    ) { try $0.integer(0) } == nil
                }
                return (references.count, bare.map { "\($0.table).\($0.column)" })
            }
            #expect(references >= 8)
            #expect(bare == [])
            await database.close()
        }
    }

    @Test("a file's name tells the module, the version and the name")
    func names() {
        let names = Schema.migrations(for: .sqlite).map { "\($0.module) \($0.version) \($0.name)" }
        #expect(names.first == "installation 1 installation")
        #expect(names.contains("accounts 1 accounts"))
    }
}

@Suite("Web origins")
struct WebOriginTests {
    @Test(
        "scheme, host and port are one",
        arguments: [
            ("https://id.example.com", "id.example.com"), ("http://localhost:8080", "localhost:8080"),
            ("https://[::1]:443", "[::1]:443"),
            ("http://127.0.0.1:65535", "127.0.0.1:65535"), ("https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ])
    func origins(_ text: String, _ host: String) throws {
        let origin = try #require(WebOrigin(text: text))
        #expect(origin.text == text)
        #expect(origin.host == host)
        #expect(origin.isHTTPS == text.hasPrefix("https"))
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "id.example.com", "https://", "https:///", "https://a/", "https://a/b", "https://a?b", "https://a#b",
            "https://u@a", "https://A.com",
            "HTTPS://a.com", "ftp://a.com", "https://:443", "https://a:b", "https://a:", "https://a:65536",
            "https://a:1:2", "https://a b", "*",
            "null", "https://*.example.com", "https://a\n",
        ])
    func notOrigins(_ text: String) {
        #expect(WebOrigin(text: text) == nil)
    }

    @Test(
        "only this machine's names are local",
        arguments: [
            ("http://localhost", true), ("http://localhost:1", true), ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true), ("http://[::1]", true), ("http://localhost.example.com", false),
            ("http://[::2]:1", false),
        ])
    func local(_ text: String, _ isLocal: Bool) throws {
        #expect(try #require(WebOrigin(text: text)).isLocal == isLocal)
    }
}
