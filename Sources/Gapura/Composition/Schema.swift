import Assets
import SQL

/// Every migration in the binary.
enum Schema {
    /// The module whose table tells where the database was made.
    static let installation = "installation"

    private static let folders = [
        (installation, "Sources/Platform/SQL/Migrations"),
        ("messaging", "Sources/Platform/Messaging/Migrations"),
        ("audit", "Sources/Platform/Audit/Migrations"),
        ("idempotency", "Sources/Platform/Idempotency/Migrations"),
        ("accounts", "Sources/Modules/Accounts/Infrastructure/Migrations"),
        ("notifications", "Sources/Modules/Notifications/Infrastructure/Migrations"),
    ]

    /// `V0007_x.sql` serves every database, unless `V0007_x.sqlite.sql` replaces it for this one.
    static func migrations(for dialect: Dialect) -> [Migration] {
        folders.flatMap { module, folder in
            var chosen: [Int: Migration] = [:]
            for path in Assets.paths(under: folder + "/") {
                guard let file = MigrationFile(path), file.dialect == nil || file.dialect == dialect,
                    file.dialect != nil || chosen[file.version] == nil, let sql = Assets.text(path)
                else { continue }
                chosen[file.version] = Migration(module: module, version: file.version, name: file.name, sql: sql)
            }
            return chosen.values.sorted { $0.version < $1.version }
        }
    }

    /// `V0001_accounts.sqlite.sql`
    private struct MigrationFile {
        let version: Int
        let name: String
        let dialect: Dialect?

        init?(_ path: String) {
            guard let file = path.split(separator: "/").last, file.hasPrefix("V"), file.hasSuffix(".sql"),
                let underscore = file.firstIndex(of: "_"), let version = Int(file[..<underscore].dropFirst())
            else { return nil }
            let parts = file[file.index(after: underscore)...].split(separator: ".")
            self.version = version
            name = String(parts[0])
            switch parts.count == 3 ? parts[1] : "" {
            case "sqlite": dialect = .sqlite
            case "postgres": dialect = .postgres
            default: dialect = nil
            }
        }
    }
}
