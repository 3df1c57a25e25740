import AccountsApplication
import Audit
import Lifecycle
import Messaging
import SQL
import Shared

/// Units of work over SQL, with the outbox and the audit log in the same transaction.
struct SQLAccountsWork: AccountsWork {
    let database: any Database
    let outbox: Outbox
    let auditLog: AuditLog
    /// Signalled after a commit, so that events do not wait for the relay's next look.
    let published: Wakeup
    /// Hears of revocations right after their commit.
    let revocations: RevocationList

    func write<T: Sendable>(_ body: @escaping @Sendable (any AccountsContext) throws -> T) async throws -> T {
        let (result, hasPublished, revoked) = try await database.writeRetryingUniqueViolation { transaction in
            let context = SQLAccountsContext(transaction: transaction, outbox: outbox, auditLog: auditLog)
            let result = try body(context)
            return (result, context.hasPublished, context.revocationRepository.added)
        }
        revocations.apply(revoked)
        if hasPublished { published.signal() }
        return result
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any AccountsContext) throws -> T) async throws -> T {
        try await database.read { transaction in
            try body(SQLAccountsContext(transaction: transaction, outbox: outbox, auditLog: auditLog))
        }
    }
}

private final class SQLAccountsContext: AccountsContext {
    private let transaction: any SQLTransaction
    private let outbox: Outbox
    private let auditLog: AuditLog
    private(set) var hasPublished = false
    let revocationRepository: SQLRevocationRepository

    init(transaction: any SQLTransaction, outbox: Outbox, auditLog: AuditLog) {
        self.transaction = transaction
        self.outbox = outbox
        self.auditLog = auditLog
        revocationRepository = SQLRevocationRepository(transaction: transaction)
    }

    var users: any UserRepository { SQLUserRepository(transaction: transaction) }
    var sessions: any SessionRepository { SQLSessionRepository(transaction: transaction) }
    var validations: any ValidationTokenRepository { SQLValidationTokenRepository(transaction: transaction) }

    var loginCodes: any LoginCodeRepository { SQLLoginCodeRepository(transaction: transaction) }
    var loginFailures: any LoginFailureRepository { SQLLoginFailureRepository(transaction: transaction) }
    var revocations: any RevocationRepository { revocationRepository }

    func publish(_ event: some DomainEvent) throws {
        try outbox.append(event, in: transaction)
        hasPublished = true
    }

    func audit(_ entry: AuditEntry) throws {
        try auditLog.append(entry, in: transaction)
    }

    func auditTrail(about subject: String) throws -> [AuditTrailEntry] {
        try AuditTrail.entries(about: subject, limit: 1_000, in: transaction)
    }

    func eraseAuditData(about subject: String) throws {
        try AuditTrail.erasePersonalData(about: subject, in: transaction)
    }

    func removeExpired(at now: Timestamp, limit: Int) throws -> Int {
        try SQLExpiry(transaction: transaction).remove(at: now, limit: limit)
    }
}
