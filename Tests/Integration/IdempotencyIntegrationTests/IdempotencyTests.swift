import DatabaseSupport
import HTTP
import Idempotency
import IdempotencySuites
import Retention
import SQL
import Shared
import TestSupport
import Testing

@Suite("Idempotency keys")
struct IdempotencyTests {
    @Test("behave alike on every database", arguments: IdempotencyBehaviour.all)
    func behaves(_ behaviour: IdempotencyBehaviour) async throws {
        try await withEachDatabase([.idempotency]) { try await behaviour.check(SQLIdempotencyStore(database: $0)) }
    }

    @Test("the table tells neither key, caller, request nor answer")
    func tellsNothing() async throws {
        try await withEachDatabase([.idempotency]) { database async throws in
            let answer = await (try IdempotencyScene(SQLIdempotencyStore(database: database)))
                .post("order-4711", "{\"password\":\"correct horse\"}")
            #expect(answer.status == 201)
            let row = try await database.read { transaction in
                try transaction.first("SELECT scope, fingerprint, answer FROM idempotency_keys") { row in
                    try row.bytes(0) + row.bytes(1) + row.bytes(2)
                }
            }
            let bytes = try #require(row)
            for secret in ["order-4711", "ana", "correct horse", "Location", "things", "\"id\""] {
                #expect(bytes.firstRange(of: Array(secret.utf8)) == nil, "\(secret)")
            }
        }
    }

    @Test("what is over is found by an index")
    func plan() async throws {
        try await withEachDatabase([.idempotency]) { database async throws in
            let planned = PlannedDatabase(database)
            let removed = try await SQLIdempotencyStore(database: planned).prune.remove(at: ManualClock().now)
            #expect(removed == 0)
            #expect(planned.scans == [])
            #expect(planned.statementCount == 1)
        }
    }
}
