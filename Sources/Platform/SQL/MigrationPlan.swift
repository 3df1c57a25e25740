import Shared

/// A row of `schema_migrations`.
struct AppliedMigration: Sendable {
    let module: String
    let version: Int
    let name: String
    let checksum: String
}

/// What this program's migrations and a database's mean for each other. Pure.
///
/// Rows of modules that this program has no migration of at all are left alone: a process may run a part of the
/// modules only.
struct MigrationPlan {
    let statuses: [MigrationStatus]
    /// In the order of applying.
    let pending: [Migration]
    /// The first reason not to apply anything.
    let refusal: MigrationRefusal?

    /// - Parameter migrations: as `ordered` returns them.
    init(_ migrations: [Migration], applied: [AppliedMigration]) {
        var rows: [Key: AppliedMigration] = [:]
        for row in applied { rows[Key(module: row.module, version: row.version)] = row }
        var statuses: [MigrationStatus] = []
        var pending: [Migration] = []
        var refusal: MigrationRefusal?
        for migration in migrations {
            let state: MigrationStatus.State
            switch rows.removeValue(forKey: Key(module: migration.module, version: migration.version)) {
            case let row? where row.checksum == migration.checksum: state = .applied
            case .some: state = .changed
            case nil: state = .pending
            }
            if state == .changed, refusal == nil { refusal = migration.refusal(.changed) }
            if state == .pending { pending.append(migration) }
            if state != .pending, refusal == nil,
                let missing = pending.first(where: { $0.module == migration.module })
            {
                refusal = missing.refusal(.gap)
            }
            statuses.append(
                MigrationStatus(
                    module: migration.module, version: migration.version, name: migration.name, state: state))
        }
        let modules = Set(migrations.map(\.module))
        let unknown = rows.values.filter { modules.contains($0.module) }
            .sorted { ($0.module, $0.version) < ($1.module, $1.version) }
        statuses += unknown.map {
            MigrationStatus(module: $0.module, version: $0.version, name: $0.name, state: .unknown)
        }
        if let row = unknown.first {
            refusal = refusal ?? MigrationRefusal(code: .schemaTooNew, module: row.module, version: row.version)
        }
        self.statuses = statuses
        self.pending = pending
        self.refusal = refusal
    }

    /// Modules in the order of their first migration, versions ascending.
    ///
    /// - Throws: `MigrationRefusal` for a duplicate or a gap among them.
    static func ordered(_ migrations: [Migration]) throws -> [Migration] {
        var modules: [String] = []
        for migration in migrations where !modules.contains(migration.module) { modules.append(migration.module) }
        return try modules.flatMap { module in
            let steps = migrations.filter { $0.module == module }.sorted { $0.version < $1.version }
            for (step, expected) in zip(steps, 1...) where step.version != expected {
                if step.version < expected { throw step.refusal(.duplicate) }
                throw MigrationRefusal(code: .gap, module: module, version: expected)
            }
            return steps
        }
    }

    private struct Key: Hashable {
        let module: String
        let version: Int
    }
}

extension Migration {
    fileprivate func refusal(_ code: MigrationRefusal.Code) -> MigrationRefusal {
        MigrationRefusal(code: code, module: module, version: version)
    }
}
