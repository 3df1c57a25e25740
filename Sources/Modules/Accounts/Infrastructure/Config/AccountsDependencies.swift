import Audit
import Cache
import Crypto
import HTTP
import Idempotency
import Lifecycle
import Messaging
import SQL
import Shared
import Templates

/// What Accounts needs from the process around it.
package struct AccountsDependencies: Sendable {
    package let database: any Database
    package let masterKey: MasterKey
    package let passwordHashing: PasswordHashing
    package let rateLimits: any RateLimitStore
    package let outbox: Outbox
    package let auditLog: AuditLog
    package let idempotency: IdempotencyKeys
    /// Signalled after commits that published something.
    package let published: Wakeup
    package let pages: TemplateCatalog
    package let origins: OriginPolicy
    package let clock: any WallClock
    package let identifiers: any IdentifierSource
    package let random: any RandomSource
    package let logger: Logger

    package init(
        database: any Database, masterKey: MasterKey, passwordHashing: PasswordHashing,
        rateLimits: any RateLimitStore, outbox: Outbox, auditLog: AuditLog, idempotency: IdempotencyKeys,
        published: Wakeup, pages: TemplateCatalog, origins: OriginPolicy, clock: any WallClock,
        identifiers: any IdentifierSource, random: any RandomSource, logger: Logger
    ) {
        self.database = database
        self.masterKey = masterKey
        self.passwordHashing = passwordHashing
        self.rateLimits = rateLimits
        self.outbox = outbox
        self.auditLog = auditLog
        self.idempotency = idempotency
        self.published = published
        self.pages = pages
        self.origins = origins
        self.clock = clock
        self.identifiers = identifiers
        self.random = random
        self.logger = logger
    }
}
