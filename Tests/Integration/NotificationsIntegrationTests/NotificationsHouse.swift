import AccountsContract
import Assets
import Audit
import DatabaseSupport
import Lifecycle
import Messaging
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import SQL
import Shared
import Templates
import TestSupport
import Testing
import Transactions

@testable import NotificationsInfrastructure

/// The adapters of Notifications over a database of its own, with a clock to move.
struct NotificationsHouse: Sendable {
    let database: any Database
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()
    let published = Wakeup()

    var outbox: Outbox { Outbox(identifiers: identifiers, clock: clock) }
    var auditLog: AuditLog { AuditLog(writer: "test", identifiers: identifiers, clock: clock) }

    var work: any NotificationsWork {
        SQLUnitOfWork(
            "notifications", database: database, outbox: outbox, auditLog: auditLog, published: published
        ) { SQLNotificationsContext(sql: $0) }
    }
    var mailbox: SQLCapturedMailbox { SQLCapturedMailbox(database: database) }

    static let templates = TemplateCatalog(appName: "Gapura") { Assets.text("templates/\($0)") }

    func dependencies(accounts: any AccountsFacade) -> NotificationsDependencies {
        NotificationsDependencies(
            appName: "Gapura", database: database, outbox: outbox, auditLog: auditLog, published: published,
            accounts: accounts, templates: Self.templates, clock: clock, identifiers: identifiers, logger: .silent)
    }

    func count(_ table: String) async throws -> Int {
        try await database.read { transaction in
            try transaction.first(Statement(unsafeSQL: "SELECT count(*) FROM \(table)")) { try $0.integer(0) } ?? 0
        }
    }

    func mail(_ number: UInt64, text: String = "https://gapura.test/verify?token=t") throws -> Mail {
        Mail(
            id: .init(SequentialIdentifiers.identifier(number)), to: try #require(EmailAddress("ana@example.com")),
            subject: "Subject \(number)", text: text, html: "<p>Hello \(number)</p>", createdAt: clock.now)
    }
}

/// A house over each database, one after the other.
func withNotificationsHouse(_ body: (NotificationsHouse) async throws -> Void) async throws {
    try await withEachDatabase([.messaging, .module("Notifications")]) { database in
        try await body(NotificationsHouse(database: database))
    }
}
