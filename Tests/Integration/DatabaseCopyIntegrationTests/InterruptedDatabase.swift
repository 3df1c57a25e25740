import SQL
import Shared
import Synchronization

/// A database whose user dies after a number of units of work: either before the commit of the next one, or behind
/// it, when nobody was told.
final class InterruptedDatabase: Database {
    struct Interruption: Error {}

    private let base: any Database
    private let remaining: Mutex<Int>
    private let commitsLast: Bool

    init(_ base: any Database, afterWrites count: Int, commitsLast: Bool) {
        self.base = base
        remaining = Mutex(count)
        self.commitsLast = commitsLast
    }

    var dialect: Dialect { base.dialect }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        let isLast = remaining.withLock { remaining in
            remaining -= 1
            return remaining < 0
        }
        guard isLast else { return try await base.write(body) }
        if commitsLast {
            _ = try await base.write(body)
            throw Interruption()
        }
        return try await base.write { transaction in
            _ = try body(transaction)
            throw Interruption()
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try await base.read(body)
    }

    func time() async throws -> Timestamp? { try await base.time() }

    func close(by deadline: ContinuousClock.Instant?) async { await base.close(by: deadline) }
}
