import SQL
import Shared
import Synchronization

/// A database whose process is killed at the nth use: nothing reaches it afterwards.
package final class MortalDatabase: Database {
    /// Before a step is done, or when it is done and nobody heard of it.
    package enum Moment: Sendable, CaseIterable { case before, after }

    private let database: any Database
    private let last: Int
    private let moment: Moment
    private let uses = Mutex(0)

    package init(_ database: any Database, diesAt last: Int, _ moment: Moment) {
        self.database = database
        self.last = last
        self.moment = moment
    }

    package var dialect: Dialect { database.dialect }
    package var isDead: Bool { uses.withLock { $0 >= last } }

    package func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try await using { try await database.write(body) }
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try await using { try await database.read(body) }
    }

    package func time() async throws -> Timestamp? { try await database.time() }
    package func close(by deadline: ContinuousClock.Instant?) async {}

    private func using<T>(_ work: () async throws -> T) async throws -> T {
        let use = uses.withLock { uses in
            uses += 1
            return uses
        }
        let death = Unavailable("database", reason: "the process is dead")
        if use > last || use == last && moment == .before { throw death }
        let result = try await work()
        if use == last { throw death }
        return result
    }
}
