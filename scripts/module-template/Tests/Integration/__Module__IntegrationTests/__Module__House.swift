import Assets
import Lifecycle
import Messaging
import SQL
import SQLite
import Shared
import TestSupport

@testable import __Module__Infrastructure

/// The adapters of __Module__ over an SQLite file of its own, with a clock to move.
struct __Module__House: Sendable {
    let database: SQLiteDatabase
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()

    private var outbox: Outbox { Outbox(identifiers: identifiers, clock: clock) }

    var work: SQL__Module__Work { SQL__Module__Work(database: database, outbox: outbox, published: Wakeup()) }

    var module: __Module__Module {
        __Module__Module(
            __Module__Dependencies(
                database: database, outbox: outbox, published: Wakeup(), clock: clock, identifiers: identifiers))
    }

    /// The types of the published events, in order.
    func publishedTypes() async throws -> [String] {
        try await database.read { transaction in
            try transaction.query("SELECT type FROM outbox ORDER BY number") { try $0.text(0) }
        }
    }

    fileprivate static let migrations: [Migration] = [
        ("messaging", "Sources/Platform/Messaging"), ("__path__", "Sources/Modules/__Module__"),
    ].flatMap { module, folder in
        Assets.paths(under: "\(folder)/").filter { $0.hasSuffix(".sqlite.sql") }.enumerated().map { index, path in
            Migration(module: module, version: index + 1, name: module, sql: Assets.text(path) ?? "")
        }
    }
}

/// A house in a folder of its own, closed at the end.
func with__Module__House(_ body: (__Module__House) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        let database = try SQLiteDatabase(path: "\(folder)/__path__.db")
        let result: Result<Void, any Error>
        do {
            _ = try await Migrator(__Module__House.migrations).up(database)
            result = .success(try await body(__Module__House(database: database)))
        } catch {
            result = .failure(error)
        }
        await database.close()
        try result.get()
    }
}
