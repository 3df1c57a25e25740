import SQL
import Shared
import Testing

/// A database that nothing must ask.
struct UnplannedDatabase: Database {
    let dialect = Dialect.sqlite

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try unplanned("written to")
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        try unplanned("read")
    }

    func time() async throws -> Timestamp? { try unplanned("asked for its time") }

    func close(by deadline: ContinuousClock.Instant?) async {}

    private func unplanned<T>(_ what: String) throws -> T {
        Issue.record("the database was not planned to be \(what)")
        throw InternalFailure("not planned")
    }
}
