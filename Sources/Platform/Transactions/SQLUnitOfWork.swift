import Audit
import Lifecycle
import Messaging
import SQL
import Shared

/// Units of work over SQL, with the outbox, the inbox and the audit log in the same transaction. A module gives the
/// context that holds its repositories:
///
///     SQLUnitOfWork("accounts", database: database, ...) { SQLAccountsContext(sql: $0) }
package struct SQLUnitOfWork<Context>: UnitOfWork {
    private let database: any Database
    private let traces: WorkTraces
    private let makeContext: @Sendable (SQLContext) -> Context

    /// - Parameters:
    ///   - module: names it in the inbox; never changed, or it would have every event again.
    ///   - published: signalled after commits that published something, so that events do not wait for the relay's
    ///     next look.
    ///   - makeContext: called at the beginning of each run of a unit of work.
    package init(
        _ module: String, database: any Database, outbox: Outbox, auditLog: AuditLog, published: Wakeup,
        makeContext: @escaping @Sendable (SQLContext) -> Context
    ) {
        self.database = database
        traces = WorkTraces(consumer: module, outbox: outbox, auditLog: auditLog, published: published)
        self.makeContext = makeContext
    }

    @discardableResult
    package func write<T: Sendable>(
        in scope: WorkScope, _ body: @escaping @Sendable (Context) throws -> T
    ) async throws -> T {
        let (result, hooks, hasPublished) = try await database.writeRetryingUniqueViolation { transaction in
            try transaction.enter(scope)
            let context = SQLContext(transaction, traces)
            let result = try body(makeContext(context))
            return (result, context.commitHooks, context.hasPublished)
        }
        for hook in hooks { await hook() }
        if hasPublished { traces.published.signal() }
        return result
    }

    package func read<T: Sendable>(
        in scope: WorkScope, _ body: @escaping @Sendable (Context) throws -> T
    ) async throws -> T {
        try await database.read { transaction in
            try transaction.enter(scope)
            return try body(makeContext(SQLContext(transaction, traces)))
        }
    }
}

/// Where the traces of a module's work go. A class, so that a unit of work takes it with one reference.
final class WorkTraces: Sendable {
    let consumer: String
    let outbox: Outbox
    let auditLog: AuditLog
    let published: Wakeup

    init(consumer: String, outbox: Outbox, auditLog: AuditLog, published: Wakeup) {
        self.consumer = consumer
        self.outbox = outbox
        self.auditLog = auditLog
        self.published = published
    }
}

extension SQLTransaction {
    /// Tells PostgreSQL whose rows this transaction may touch, until it ends. Its policies read the settings; SQLite
    /// has none.
    fileprivate func enter(_ scope: WorkScope) throws {
        guard scope != .none, dialect == .postgres else { return }
        switch scope {
        case .none: break
        case .tenant(let id): try submit("SELECT set_config('gapura.tenant', \(id.description), true)")
        case .platform(let work): try submit("SELECT set_config('gapura.platform_work', \(work.rawValue), true)")
        }
    }
}
