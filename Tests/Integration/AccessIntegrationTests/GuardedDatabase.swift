import SQL
import Shared
import Synchronization

/// A database that a test can take away.
final class GuardedDatabase: Database {
    private let inner: any Database
    private let isGone = Mutex(false)
    private let uses = Mutex(0)

    init(_ inner: any Database) { self.inner = inner }

    /// How often it was used, or tried to be.
    var useCount: Int { uses.withLock { $0 } }

    func takeAway(_ isGone: Bool = true) { self.isGone.withLock { $0 = isGone } }

    var dialect: Dialect { inner.dialect }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try use()
        return try await inner.write(body)
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try use()
        return try await inner.read(body)
    }

    func time() async throws -> Timestamp? { try await inner.time() }

    func close(by deadline: ContinuousClock.Instant?) async {}

    private func use() throws {
        uses.withLock { $0 += 1 }
        if isGone.withLock({ $0 }) { throw Unavailable("database", reason: "a test took it away") }
    }
}
