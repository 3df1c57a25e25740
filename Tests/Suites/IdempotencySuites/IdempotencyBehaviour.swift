import SQL
import Testing

/// Something that idempotency keys must do on every database:
///
///     @Test("behaves as on every database", arguments: IdempotencyBehaviour.all)
///     func behaves(_ behaviour: IdempotencyBehaviour) async throws {
///         try await withDatabase { database in try await behaviour.check(database) }
///     }
package struct IdempotencyBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    /// Takes a database that has the table, empty.
    package let check: @Sendable (any Database) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (any Database) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all = replays + refusals + failures + secrecy + lifetimes
}
