import Assets
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import SQL
import SQLite
import Shared
import Templates
import TestSupport
import Testing

@testable import NotificationsInfrastructure

/// The adapters of Notifications over an SQLite file of its own, with a clock to move.
struct NotificationsHouse: Sendable {
    let database: SQLiteDatabase
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()

    var work: SQLNotificationsWork { SQLNotificationsWork(database: database) }
    var mailbox: SQLCapturedMailbox { SQLCapturedMailbox(database: database) }

    static let templates = TemplateCatalog(appName: "Gapura") { Assets.text("templates/\($0)") }

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

private let folderOfMigrations = "Sources/Modules/Notifications/Infrastructure/Migrations"

func withNotificationsHouse(_ body: (NotificationsHouse) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        let database = try SQLiteDatabase(path: "\(folder)/notifications.db")
        let migrations = try [
            ("messaging", 1, "Sources/Platform/Messaging/Migrations/V0001_messaging.sqlite.sql"),
            ("messaging", 2, "Sources/Platform/Messaging/Migrations/V0002_narrow_outbox.sqlite.sql"),
            ("notifications", 1, "\(folderOfMigrations)/V0001_notifications.sqlite.sql"),
            ("notifications", 2, "\(folderOfMigrations)/V0002_mail_suppressions.sqlite.sql"),
            ("notifications", 3, "\(folderOfMigrations)/V0003_narrow_notifications.sqlite.sql"),
        ].map { module, version, path in
            Migration(module: module, version: version, name: module, sql: try #require(Assets.text(path)))
        }
        _ = try await Migrator(migrations).up(database)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(NotificationsHouse(database: database)))
        } catch {
            result = .failure(error)
        }
        await database.close()
        try result.get()
    }
}
