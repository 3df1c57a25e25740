import Crypto
import Idempotency
import Shared

extension IdempotencyKeys {
    /// Keys for the tests of routes, which need no database.
    package static func inMemory(
        clock: any WallClock, identifiers: any IdentifierSource
    ) throws -> IdempotencyKeys {
        try IdempotencyKeys(
            store: InMemoryIdempotencyStore(),
            masterKey: try MasterKey(keys: [Secret([UInt8](repeating: 1, count: MasterKey.byteCount))]), clock: clock,
            identifiers: identifiers, logger: .silent)
    }
}
