/// Units of work: everything inside one happens once or not at all. A module names its own in one line:
///
///     package typealias AccountsWork = UnitOfWork<any AccountsContext>
///
/// `Context` is a protocol of the module's Application: its repositories, and what `UnitOfWorkContext` has. It is not
/// sendable, so that it cannot leave the closure, and the closure is synchronous, so that nothing waits in it.
package protocol UnitOfWork<Context>: Sendable {
    associatedtype Context

    /// Runs `body` on the store's own thread, in one transaction. It may run again after a conflict, also when another
    /// was faster with the same unique key, so it has no other effect. What it throws rolls back; a refusal that leaves
    /// a trace is therefore returned.
    ///
    /// - Parameter scope: whose rows `body` may see and change.
    @discardableResult
    func write<T: Sendable>(
        in scope: WorkScope, _ body: @escaping @Sendable (Context) throws -> T
    ) async throws -> T

    /// Runs `body` on a consistent view, without changing it.
    ///
    /// - Parameter scope: whose rows `body` may see.
    func read<T: Sendable>(in scope: WorkScope, _ body: @escaping @Sendable (Context) throws -> T) async throws -> T
}

extension UnitOfWork {
    /// As `write(in:_:)`, on rows that belong to no tenant.
    @discardableResult
    package func write<T: Sendable>(_ body: @escaping @Sendable (Context) throws -> T) async throws -> T {
        try await write(in: .none, body)
    }

    /// As `read(in:_:)`, on rows that belong to no tenant.
    package func read<T: Sendable>(_ body: @escaping @Sendable (Context) throws -> T) async throws -> T {
        try await read(in: .none, body)
    }
}

/// What every unit of work can do, whatever its module. All of it happens if the work commits, else none of it.
package protocol UnitOfWorkContext {
    /// Tells other modules.
    func publish(_ event: some DomainEvent) throws

    /// Writes a line of the audit log.
    ///
    /// - Parameter count: how many equal refusals this is; a thing that was done happened once.
    func audit(_ entry: AuditEntry, count: Int) throws

    /// Notes that this module has had an event.
    ///
    /// - Returns: false if it had it before: then do nothing.
    func accept(eventID: Identifier, at now: Timestamp) throws -> Bool
}

extension UnitOfWorkContext {
    package func audit(_ entry: AuditEntry) throws { try audit(entry, count: 1) }
}
