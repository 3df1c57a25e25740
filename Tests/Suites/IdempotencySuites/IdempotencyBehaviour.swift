import Idempotency
import Testing

/// Something that idempotency keys must do over every store:
///
///     @Test("behaves as every store", arguments: IdempotencyBehaviour.all)
///     func behaves(_ behaviour: IdempotencyBehaviour) async throws {
///         try await behaviour.check(InMemoryIdempotencyStore())
///     }
package struct IdempotencyBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    /// Takes an empty store.
    package let check: @Sendable (any IdempotencyStore) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (any IdempotencyStore) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all = replays + refusals + failures + secrets + lifetimes
}
