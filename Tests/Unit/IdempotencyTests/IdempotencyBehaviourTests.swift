import IdempotencyDoubles
import IdempotencySuites
import Testing

@Suite("Idempotency keys in memory")
struct IdempotencyBehaviourTests {
    @Test("the double behaves as every store of idempotency keys", arguments: IdempotencyBehaviour.all)
    func behaves(_ behaviour: IdempotencyBehaviour) async throws {
        try await behaviour.check(InMemoryIdempotencyStore())
    }
}
