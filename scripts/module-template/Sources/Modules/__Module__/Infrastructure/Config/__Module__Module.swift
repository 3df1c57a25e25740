import Audit
import HTTP
import Lifecycle
import Messaging
import SQL
import Shared
import Transactions
import __Module__Application
import __Module__Contract

/// What __Module__ needs from the process around it.
package struct __Module__Dependencies: Sendable {
    package let database: any Database
    package let outbox: Outbox
    package let auditLog: AuditLog
    /// Signalled after commits that published something.
    package let published: Wakeup
    package let clock: any WallClock
    package let identifiers: any IdentifierSource

    package init(
        database: any Database, outbox: Outbox, auditLog: AuditLog, published: Wakeup, clock: any WallClock,
        identifiers: any IdentifierSource
    ) {
        self.database = database
        self.outbox = outbox
        self.auditLog = auditLog
        self.published = published
        self.clock = clock
        self.identifiers = identifiers
    }
}

/// __Module__, wired: constructors in order.
package struct __Module__Module: Sendable {
    package let routes: [Route]
    package let facade: any __Module__Facade

    package init(_ dependencies: __Module__Dependencies) {
        let work = SQLUnitOfWork(
            "__table__", database: dependencies.database, outbox: dependencies.outbox,
            auditLog: dependencies.auditLog, published: dependencies.published
        ) { SQL__Module__Context(sql: $0) as any __Module__Context }
        let create = Create__Entity__Service(
            work: work, clock: dependencies.clock, identifiers: dependencies.identifiers)
        let read = Read__Entity__Service(work: work)
        routes = __Entity__Routes(create: create, read: read).routes
        facade = __Module__FacadeService(read: read)
    }
}
