import AccessApplication
import AccessDomain
import AccountsContract
import Audit
import Crypto
import HTTP
import Idempotency
import Lifecycle
import Messaging
import SQL
import Shared

/// What Access needs from the process around it.
package struct AccessDependencies: Sendable {
    package let database: any Database
    package let masterKey: MasterKey
    package let accounts: any AccountsFacade
    package let users: any UserAdministration
    package let importer: any UserImporter
    package let signing: any TokenSigning
    /// Whether Accounts hears of changes in time.
    package let accountsAreCurrent: @Sendable (_ now: Timestamp) -> Bool
    package let meter: any Meter
    /// Called when another process has put back what somebody used: a meter in memory forgets it; one that remembers
    /// nothing needs nothing.
    package let forgetUsage: @Sendable (MeterSubject) async throws -> Void
    /// Of the same counters as the meter's.
    package let usage: any UsageReader
    package let outbox: Outbox
    package let auditLog: AuditLog
    /// Signalled after commits that published something.
    package let published: Wakeup
    package let idempotency: IdempotencyKeys
    package let origins: OriginPolicy
    /// Of every request, as the server has it.
    package let bodyLimit: ByteCount
    package let clock: any WallClock
    package let identifiers: any IdentifierSource
    package let logger: Logger

    package init(
        database: any Database, masterKey: MasterKey, accounts: any AccountsFacade,
        users: any UserAdministration, importer: any UserImporter, signing: any TokenSigning,
        accountsAreCurrent: @escaping @Sendable (_ now: Timestamp) -> Bool, meter: any Meter,
        forgetUsage: @escaping @Sendable (MeterSubject) async throws -> Void, usage: any UsageReader, outbox: Outbox,
        auditLog: AuditLog, published: Wakeup, idempotency: IdempotencyKeys, origins: OriginPolicy,
        bodyLimit: ByteCount, clock: any WallClock, identifiers: any IdentifierSource, logger: Logger
    ) {
        self.database = database
        self.masterKey = masterKey
        self.accounts = accounts
        self.users = users
        self.importer = importer
        self.signing = signing
        self.accountsAreCurrent = accountsAreCurrent
        self.meter = meter
        self.forgetUsage = forgetUsage
        self.usage = usage
        self.outbox = outbox
        self.auditLog = auditLog
        self.published = published
        self.idempotency = idempotency
        self.origins = origins
        self.bodyLimit = bodyLimit
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
    }
}
