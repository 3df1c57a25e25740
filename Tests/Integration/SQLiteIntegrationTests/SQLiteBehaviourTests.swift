import SQL
import SQLSuites
import SQLite
import Testing

@Suite("SQLite")
struct SQLiteBehaviourTests {
    @Test("behaves as every database", arguments: DatabaseBehaviour.all)
    func behaves(_ behaviour: DatabaseBehaviour) async throws {
        try await withSQLite { _, open in try await behaviour.check { try open() } }
    }

    @Test("behaves so without groups too, with one reader and one kept statement", arguments: DatabaseBehaviour.all)
    func behavesAtTheSmallest(_ behaviour: DatabaseBehaviour) async throws {
        try await withSQLite(SQLiteSettings(readers: 1, groupLimit: 1, statementLimit: 1)) { _, open in
            try await behaviour.check { try open() }
        }
    }
}
