import Shared

/// Brings a database's schema to what this program needs, and says where it stands.
///
/// What was applied is in the table `schema_migrations`. Each migration and its row are one transaction, so that a
/// crash leaves either both or none, and several processes may migrate at once.
package struct Migrator: Sendable {
    private let migrations: [Migration]
    private let clock: any WallClock

    /// - Parameters:
    ///   - migrations: modules are migrated in the order of their first one here, each by ascending versions.
    ///   - clock: for the time that is noted beside each applied one.
    package init(_ migrations: [Migration], clock: any WallClock = SystemWallClock()) {
        self.migrations = migrations
        self.clock = clock
    }

    /// Where each migration stands, then those in the database that this program does not know. Changes nothing.
    ///
    /// - Throws: `MigrationRefusal` if this program's own list is faulty.
    package func status(_ database: any Database) async throws -> [MigrationStatus] {
        let migrations = try MigrationPlan.ordered(migrations)
        return try await database.read { transaction in
            let applied = try Self.tableExists(transaction) ? Self.applied(transaction) : []
            return MigrationPlan(migrations, applied: applied).statuses
        }
    }

    /// Whether there are tables, but no record of migrations: another program made the database.
    package func isForeign(_ database: any Database) async throws -> Bool {
        try await database.read { try !Self.tableExists($0) && Self.tableCount($0) > 0 }
    }

    /// Applies what is pending.
    ///
    /// - Returns: what this call applied, which is less than was pending if another process was faster.
    /// - Throws: `MigrationRefusal` before any change; the error of a failed step, whose forerunners stay applied.
    package func up(_ database: any Database) async throws -> [Migration] {
        let migrations = try MigrationPlan.ordered(migrations)
        let clock = clock
        var done: [Migration] = []
        while true {
            switch try await database.write({ try Self.applyNext(of: migrations, clock, $0) }) {
            case .applied(let migration): done.append(migration)
            case .nothingPending: return done
            case .othersAtWork: try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private enum Step {
        case applied(Migration)
        case nothingPending, othersAtWork
    }

    private static func applyNext(
        of migrations: [Migration], _ clock: any WallClock, _ transaction: any SQLTransaction
    ) throws -> Step {
        guard try isAlone(transaction) else { return .othersAtWork }
        try prepareTable(transaction)
        let plan = MigrationPlan(migrations, applied: try applied(transaction))
        if let refusal = plan.refusal { throw refusal }
        guard let next = plan.pending.first else { return .nothingPending }
        try transaction.script(next.sql)
        try transaction.execute(
            """
            INSERT INTO schema_migrations (module, version, name, checksum, applied_at)
            VALUES (\(next.module), \(next.version), \(next.name), \(next.checksum), \(clock.now))
            """)
        return .applied(next)
    }

    /// Takes the right to migrate, to the end of the transaction, unless another process has it. It is not waited for
    /// inside of the transaction, where a time-out for locks would cut the waiting.
    private static func isAlone(_ transaction: any SQLTransaction) throws -> Bool {
        guard transaction.dialect == .postgres else { return true }
        return try transaction.first("SELECT pg_try_advisory_xact_lock(7161726170)") { try $0.bool(0) } ?? false
    }

    private static func prepareTable(_ transaction: any SQLTransaction) throws {
        if try tableExists(transaction) { return }
        let integer = DialectText(sqlite: "INTEGER", postgres: "integer")
        let time = DialectText(sqlite: "INTEGER", postgres: "timestamptz")
        let strict = DialectText(sqlite: " STRICT", postgres: "")
        try transaction.execute(
            """
            CREATE TABLE schema_migrations (
                module TEXT NOT NULL, version \(integer) NOT NULL, name TEXT NOT NULL,
                checksum TEXT NOT NULL, applied_at \(time) NOT NULL,
                PRIMARY KEY (module, version))\(strict)
            """)
    }

    private static func tableExists(_ transaction: any SQLTransaction) throws -> Bool {
        let statement: Statement =
            switch transaction.dialect {
            case .sqlite:
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'"
            case .postgres:
                """
                SELECT count(*) FROM information_schema.tables
                WHERE table_schema = current_schema() AND table_name = 'schema_migrations'
                """
            }
        return try transaction.first(statement) { try $0.integer(0) } != 0
    }

    private static func tableCount(_ transaction: any SQLTransaction) throws -> Int {
        let statement: Statement =
            switch transaction.dialect {
            case .sqlite: "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
            case .postgres:
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"
            }
        return try transaction.first(statement) { try $0.integer(0) } ?? 0
    }

    private static func applied(_ transaction: any SQLTransaction) throws -> [AppliedMigration] {
        try transaction.query("SELECT module, version, name, checksum FROM schema_migrations") { row in
            AppliedMigration(
                module: try row.text(0), version: try row.integer(1), name: try row.text(2),
                checksum: try row.text(3))
        }
    }
}
