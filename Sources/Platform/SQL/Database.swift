import Shared

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

    /// The time of the database's clock; nil if it is this machine's.
    ///
    /// - Throws: as `read`; so it also tells whether the database answers.
    func time() async throws -> Timestamp?

    /// Refuses new work, finishes what waits and lets the database go. May be called more than once.
    ///
    /// - Parameter deadline: what still waits then is refused; nil waits for all of it.
    func close(by deadline: ContinuousClock.Instant?) async
}

extension Database {
    /// Returns if the database answers.
    ///
    /// - Throws: as `read`.
    package func ping() async throws { _ = try await time() }

    package func close() async { await close(by: nil) }

    /// As `write`, for work that looks for a row and inserts it if there is none: when somebody else was faster with
    /// the same key, `body` runs once more and finds what he wrote.
    ///
    /// - Throws: as `write`; `ConstraintViolation` if the key is taken the second time too.
    package func writeRetryingUniqueViolation<T: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        do {
            return try await write(body)
        } catch let violation as ConstraintViolation where violation.kind == .unique {
            return try await write(body)
        }
    }
}
