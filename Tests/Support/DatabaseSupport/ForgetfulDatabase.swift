import SQL
import Shared
import Synchronization

/// A database of which the answer to a commit can be lost: it is done, and nobody hears of it.
package final class ForgetfulDatabase: Database {
    private let database: any Database
    private let forgets = Mutex(false)

    package init(_ database: any Database) {
        self.database = database
    }

    /// The answer to the next write is lost.
    package func forgetsNext() { forgets.withLock { $0 = true } }

    package var dialect: Dialect { database.dialect }

    package func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        let result = try await database.write(body)
        let isForgotten = forgets.withLock { forgets in
            defer { forgets = false }
            return forgets
        }
        if isForgotten { throw Unavailable("database", reason: "nobody knows whether it was done") }
        return result
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try await database.read(body)
    }

    package func time() async throws -> Timestamp? { try await database.time() }
    package func close(by deadline: ContinuousClock.Instant?) async {}
}
