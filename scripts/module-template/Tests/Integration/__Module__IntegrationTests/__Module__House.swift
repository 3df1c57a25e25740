import Audit
import DatabaseSupport
import Lifecycle
import Messaging
import SQL
import TestSupport
import Transactions
import __Module__Application

@testable import __Module__Infrastructure

/// The adapters of __Module__ over a database of its own, with a clock to move.
struct __Module__House: Sendable {
    let database: any Database
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()

    private var outbox: Outbox { Outbox(identifiers: identifiers, clock: clock) }
    private var auditLog: AuditLog { AuditLog(writer: "test", identifiers: identifiers, clock: clock) }

    var work: any __Module__Work {
        SQLUnitOfWork(
            "__table__", database: database, outbox: outbox, auditLog: auditLog, published: Wakeup()
        ) { SQL__Module__Context(sql: $0) }
    }

    var module: __Module__Module {
        __Module__Module(
            __Module__Dependencies(
                database: database, outbox: outbox, auditLog: auditLog, published: Wakeup(), clock: clock,
                identifiers: identifiers))
    }

    /// The types of the published events, in order.
    func publishedTypes() async throws -> [String] {
        try await database.read { transaction in
            try transaction.query("SELECT type FROM outbox ORDER BY number") { try $0.text(0) }
        }
    }
}

/// A house over each database, one after the other.
func with__Module__House(_ body: (__Module__House) async throws -> Void) async throws {
    try await withEachDatabase([.messaging, .module("__Module__")]) { database in
        try await body(__Module__House(database: database))
    }
}
