import DatabaseSupport
import IdempotencySuites
import SQL
import Testing

@Suite("Idempotency keys")
struct IdempotencyTests {
    @Test("behave alike on every database", arguments: IdempotencyBehaviour.all)
    func behaves(_ behaviour: IdempotencyBehaviour) async throws {
        try await withEachDatabase([.idempotency]) { try await behaviour.check($0) }
    }

    @Test("what is over is found by an index")
    func plan() async throws {
        try await withEachDatabase([.idempotency]) { database async throws in
            let planned = PlannedDatabase(database)
            let removed = try await pruneIdempotencyKeys(in: planned)
            #expect(removed == 0)
            #expect(planned.scans == [])
            #expect(planned.statementCount == 1)
        }
    }
}
