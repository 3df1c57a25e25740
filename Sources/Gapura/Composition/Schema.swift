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
        ("access", "Sources/Modules/Access/Infrastructure/Migrations"),
        ("notifications", "Sources/Modules/Notifications/Infrastructure/Migrations"),
    ]

    static func migrations(for dialect: Dialect) -> [Migration] {
        folders.flatMap { module, folder in
            Migration.list(of: module, in: Assets.paths(under: folder + "/"), for: dialect) { Assets.text($0) }
        }
    }
}
