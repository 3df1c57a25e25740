import Assets
import Composition
import SQL

/// Every migration in the binary.
enum Schema {
    /// The module whose table tells where the database was made.
    static let installation = "installation"

    private static let platform = [
        (installation, "Sources/Platform/SQL/Migrations"),
        ("messaging", "Sources/Platform/Messaging/Migrations"),
        ("audit", "Sources/Platform/Audit/Migrations"),
        ("jobs", "Sources/Platform/Jobs/Migrations"),
        ("idempotency", "Sources/Platform/Idempotency/Migrations"),
    ]

    static func migrations(for dialect: Dialect) -> [Migration] {
        (platform + Modules.described.map { ($0.name, $0.migrations) }).flatMap { module, folder in
            Migration.list(of: module, in: Assets.paths(under: folder + "/"), for: dialect) { Assets.text($0) }
        }
    }
}
