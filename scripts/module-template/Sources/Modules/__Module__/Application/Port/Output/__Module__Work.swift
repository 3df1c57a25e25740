import Shared

/// The unit of work: everything inside happens once or not at all.
package protocol __Module__Work: Sendable {
    /// Runs `body` on the store's own thread, in one transaction. It may run again after a conflict, so it has no
    /// other effect. What it throws rolls back; a refusal that leaves a trace is therefore returned.
    func write<T: Sendable>(_ body: @escaping @Sendable (any __Module__Context) throws -> T) async throws -> T

    /// Runs `body` on a consistent view, without changing it.
    func read<T: Sendable>(_ body: @escaping @Sendable (any __Module__Context) throws -> T) async throws -> T
}

/// What a unit of work can reach. Not sendable: it cannot leave the closure.
package protocol __Module__Context {
    var __module__: any __Entity__Repository { get }

    /// Tells others, if this work commits.
    func publish(_ event: some DomainEvent) throws
}
