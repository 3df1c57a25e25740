/// Why the schema is not brought up to date. Nothing was changed by the refused step; a person has to look.
package struct MigrationRefusal: Error, Sendable, CustomStringConvertible {
    /// Stable, for scripts.
    package enum Code: String, Sendable {
        /// Two migrations have one module and version.
        case duplicate = "migration_duplicate"
        /// A version is missing between others, in the program or in the database.
        case gap = "migration_gap"
        /// The text of an applied migration was changed.
        case changed = "migration_changed"
        /// The database was migrated by a newer program.
        case schemaTooNew = "schema_too_new"
    }

    package let code: Code
    package let module: String
    package let version: Int

    package var description: String {
        let migration = "migration \(version) of \(module)"
        let reason =
            switch code {
            case .duplicate: "\(migration) exists twice in this program"
            case .gap: "\(migration) is missing although a later one exists"
            case .changed: "\(migration) was applied with another text than this program has"
            case .schemaTooNew: "\(migration) is in the database but not in this program, which is older"
            }
        return "\(code.rawValue): \(reason)"
    }
}
