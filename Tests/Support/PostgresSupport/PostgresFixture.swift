import Glibc
import Postgres
import SQL
import Shared
import Synchronization

extension PostgresServer {
    private static let serial = Atomic(0)

    /// Gives `body` the URL of a new database, and drops it afterwards.
    ///
    /// - Parameter template: of which it is a copy; nobody may be connected to it.
    package func withNewDatabase<T>(
        template: String = "template0", _ body: (PostgresURL) async throws -> T
    ) async throws -> T {
        let name = Self.newName()
        try await PostgresAdministration.run("CREATE DATABASE \(name) TEMPLATE \(template)", at: url)
        let result: Result<T, any Error>
        do {
            result = .success(try await body(url.with("dbname", name)))
        } catch {
            result = .failure(error)
        }
        // Not a failure of the test: its server may be stopped.
        try? await PostgresAdministration.run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)", at: url)
        return try result.get()
    }

    static func newName() -> String {
        "test_\(getpid())_\(serial.add(1, ordering: .relaxed).newValue)"
    }
}

extension PostgresSettings {
    /// While all tests run at once, the server may take longer to answer than a program should wait.
    package static let patient = PostgresSettings(connections: 4, connectTimeout: .seconds(60))
}

/// Gives `body` a new database on the shared server: its URL, and a function that opens it, as often as wanted. All
/// that was opened is closed, and the database dropped, at the end.
///
/// - Parameters:
///   - settings: of every opening.
///   - migrations: are there already; the first user of a list pays for them, the others get a copy.
package func withPostgres<T>(
    _ settings: PostgresSettings = .patient, migrations: [Migration] = [],
    logger: Logger = .silent,
    _ body: (_ url: PostgresURL, _ open: @escaping @Sendable () throws -> PostgresDatabase) async throws -> T
) async throws -> T {
    let server = try await PostgresServer.shared()
    let template = migrations.isEmpty ? "template0" : try await PostgresTemplates.shared.name(migrations, server)
    return try await server.withNewDatabase(template: template) { url in
        try await withOpening(url, settings, logger) { open in try await body(url, open) }
    }
}

/// Gives `body` a function that opens the database at `url`, as often as wanted, and closes all that was opened.
package func withOpening<T>(
    _ url: PostgresURL, _ settings: PostgresSettings = .patient, _ logger: Logger = .silent,
    _ body: (_ open: @escaping @Sendable () throws -> PostgresDatabase) async throws -> T
) async throws -> T {
    let opened = OpenedDatabases()
    let result: Result<T, any Error>
    do {
        result = .success(
            try await body {
                let database = try PostgresDatabase(url: url, logger: logger, settings: settings)
                opened.databases.withLock { $0.append(database) }
                return database
            })
    } catch {
        result = .failure(error)
    }
    for database in opened.databases.withLock({ $0 }) { await database.close() }
    return try result.get()
}

/// As `withPostgres`, for a test that opens its database once.
package func withPostgresDatabase<T>(
    _ settings: PostgresSettings = .patient, migrations: [Migration] = [],
    _ body: (PostgresDatabase) async throws -> T
) async throws -> T {
    try await withPostgres(settings, migrations: migrations) { _, open in try await body(try open()) }
}

private final class OpenedDatabases: Sendable {
    let databases = Mutex<[PostgresDatabase]>([])
}

/// Databases with migrations in them, of which tests get copies.
private actor PostgresTemplates {
    static let shared = PostgresTemplates()
    private var names: [String: Task<String, any Error>] = [:]

    func name(_ migrations: [Migration], _ server: PostgresServer) async throws -> String {
        let key = migrations.map { "\($0.module) \($0.version) \($0.checksum)" }.joined(separator: "\n")
        let task = names[key] ?? Task { try await Self.make(migrations, server) }
        names[key] = task
        return try await task.value
    }

    private static func make(_ migrations: [Migration], _ server: PostgresServer) async throws -> String {
        let name = PostgresServer.newName()
        try await PostgresAdministration.run("CREATE DATABASE \(name) TEMPLATE template0", at: server.url)
        let database = try PostgresDatabase(
            url: server.url.with("dbname", name), settings: PostgresSettings(connections: 1))
        do {
            _ = try await Migrator(migrations).up(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        return name
    }
}
