import Audit
import Messaging
import SQL
import Shared

/// One run of a unit of work. Valid inside the closure that it was given to, and there only.
package final class SQLContext {
    package typealias CommitHook = @Sendable () async -> Void

    /// For repositories.
    package let transaction: any SQLTransaction
    private let traces: WorkTraces
    private(set) var commitHooks: [CommitHook] = []
    private(set) var hasPublished = false

    init(_ transaction: any SQLTransaction, _ traces: WorkTraces) {
        self.transaction = transaction
        self.traces = traces
    }

    /// Runs something once this work is committed, before its caller gets the result; in the order of the calls. It
    /// cannot fail, because nothing can be undone any more.
    package func afterCommit(_ hook: @escaping CommitHook) { commitHooks.append(hook) }

    fileprivate func publish(_ event: some DomainEvent) throws {
        try traces.outbox.append(event, in: transaction)
        hasPublished = true
    }

    fileprivate func audit(_ entry: AuditEntry, count: Int) throws {
        try traces.auditLog.append(entry, count: count, in: transaction)
    }

    fileprivate func accept(eventID: Identifier, at now: Timestamp) throws -> Bool {
        try Inbox.accept(eventID, by: traces.consumer, at: now, in: transaction)
    }
}

/// A module's context over SQL: it lists its repositories, and has the rest from here.
package protocol SQLBackedContext: UnitOfWorkContext {
    var sql: SQLContext { get }
}

extension SQLBackedContext {
    package var transaction: any SQLTransaction { sql.transaction }

    package func publish(_ event: some DomainEvent) throws { try sql.publish(event) }

    package func audit(_ entry: AuditEntry, count: Int) throws { try sql.audit(entry, count: count) }

    package func accept(eventID: Identifier, at now: Timestamp) throws -> Bool {
        try sql.accept(eventID: eventID, at: now)
    }
}
