import AccessApplication
import Audit
import Lifecycle
import Messaging
import SQL
import Shared

/// Units of work over SQL, with the outbox, the inbox and the audit log in the same transaction.
struct SQLAccessWork: AccessWork {
    let database: any Database
    let outbox: Outbox
    let auditLog: AuditLog
    /// Signalled after a commit, so that events do not wait for the relay's next look.
    let published: Wakeup
    /// Hears of changes right after their commit.
    let changes: AccessChanges

    func write<T: Sendable>(_ body: @escaping @Sendable (any AccessContext) throws -> T) async throws -> T {
        let (result, hasPublished, changed) = try await database.writeRetryingUniqueViolation { transaction in
            let context = SQLAccessContext(transaction: transaction, outbox: outbox, auditLog: auditLog)
            let result = try body(context)
            return (result, context.hasPublished, context.changes)
        }
        await changes.committed(changed)
        if hasPublished { published.signal() }
        return result
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any AccessContext) throws -> T) async throws -> T {
        try await database.read { transaction in
            try body(SQLAccessContext(transaction: transaction, outbox: outbox, auditLog: auditLog))
        }
    }
}

private final class SQLAccessContext: AccessContext {
    private let transaction: any SQLTransaction
    private let outbox: Outbox
    private let auditLog: AuditLog
    private(set) var hasPublished = false
    private(set) var changes: [NumberedChange] = []

    /// Names this module in the inbox; never changed, or it would have every event again.
    private static let consumer = "access"

    init(transaction: any SQLTransaction, outbox: Outbox, auditLog: AuditLog) {
        self.transaction = transaction
        self.outbox = outbox
        self.auditLog = auditLog
    }

    var services: any ServiceRepository { SQLServiceRepository(transaction: transaction) }
    var roles: any RoleRepository { SQLRoleRepository(transaction: transaction) }
    var apiKeys: any APIKeyRepository { SQLAPIKeyRepository(transaction: transaction) }
    var entitlements: any EntitlementRepository { SQLEntitlementRepository(transaction: transaction) }

    func changed(_ subject: AccessChange, at now: Timestamp) throws {
        changes.append(try SQLAccessChanges(transaction: transaction).add(subject, at: now))
    }

    func publish(_ event: some DomainEvent) throws {
        try outbox.append(event, in: transaction)
        hasPublished = true
    }

    func audit(_ entry: AuditEntry, count: Int) throws {
        try auditLog.append(entry, count: count, in: transaction)
    }

    func accept(eventID: Identifier, at now: Timestamp) throws -> Bool {
        try Inbox.accept(eventID, by: Self.consumer, at: now, in: transaction)
    }
}
