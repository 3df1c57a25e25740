import Postgres
import PostgresSupport
import SQL
import SQLSuites
import Testing

@Suite("PostgreSQL")
struct PostgresBehaviourTests {
    @Test("behaves as every database", arguments: DatabaseBehaviour.all)
    func behaves(_ behaviour: DatabaseBehaviour) async throws {
        try await withPostgres { _, open in try await behaviour.check { try open() } }
    }

    @Test("behaves so with two connections and one kept statement too", arguments: DatabaseBehaviour.all)
    func behavesAtTheSmallest(_ behaviour: DatabaseBehaviour) async throws {
        try await withPostgres(PostgresSettings(connections: 2, statementLimit: 1)) { _, open in
            try await behaviour.check { try open() }
        }
    }
}
