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
}
