import Audit
import SQL
import SQLite
import Shared

/// The database beside a running server, for commands that open no installation.
struct DatabaseAccess: Sendable {
    let database: any Database
    let clock: any WallClock
    private let auditLog: AuditLog

    static func with<T: Sendable>(_ work: (DatabaseAccess) async throws -> T) async throws -> T {
        let settings = try SettingsLoader.load()
        let database = try settings.database.open(pool: 1, logger: .silent)
        let clock = SystemWallClock()
        let auditLog = AuditLog(
            writer: Installation.auditWriter, identifiers: TimeOrderedIdentifierSource(clock: clock), clock: clock)
        let result: Result<T, any Error>
        do {
            _ = try await Installation.migrate(database, settings.environment)
            result = .success(try await work(DatabaseAccess(database: database, clock: clock, auditLog: auditLog)))
        } catch {
            result = .failure(error)
        }
        await database.close()
        return try result.get()
    }

    /// Writes what a command did into the audit log, in the transaction in which it did that.
    func note(_ action: String, on subject: String) -> @Sendable (any SQLTransaction) throws -> Void {
        { [auditLog] in try auditLog.append(.done(action, by: "system", on: subject), in: $0) }
    }
}
