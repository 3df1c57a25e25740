/// A database that runs units of work.
package protocol Database: Sendable {
    var dialect: Dialect { get }

    /// Runs `body` in a transaction and returns when its commit is durable. If `body` throws, everything it did is
    /// undone and its error is thrown.
    ///
    /// - Parameter body: may be run more than once (the last run counts), so it has no other effect than through the
    ///   transaction.
    /// - Throws: what `body` throws; `Unavailable` if the database or its queue is full, or it is shutting down;
    ///   `CancellationError` if the task was cancelled before `body` began.
    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T

    /// Runs `body` on one consistent view of what is committed. It cannot change anything.
    ///
    /// - Throws: as `write`.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T

    /// Returns if the database answers.
    ///
    /// - Throws: as `read`.
    func ping() async throws
}

extension Database {
    package func ping() async throws {
        _ = try await read { transaction in try transaction.first("SELECT 1") { try $0.integer(0) } }
    }
}
