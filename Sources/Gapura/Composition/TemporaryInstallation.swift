import FoundationEssentials
import SQL
import SQLite
import Shared

/// An installation over a database that is thrown away, for commands that only describe what would be served.
enum TemporaryInstallation {
    static func describe<T: Sendable>(_ read: (WebApplication) -> T) async throws -> T {
        let folder = "\(FileManager.default.temporaryDirectory.path)/gapura-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let settings = try SettingsLoader.load(overriding: [
            "DATA_DIR": folder, "DATABASE_URL": "sqlite:\(folder)/gapura.db", "ARGON2_CONCURRENCY": "1",
            "MASTER_KEY": Data(SystemRandomSource().bytes(32)).base64EncodedString(), "MASTER_KEY_FILE": "",
            "APP_URL": ProcessInfo.processInfo.environment["APP_URL"] ?? "http://localhost:8080",
        ])
        let installation = try await Installation(settings, logger: .silent)
        let result = read(try WebApplication(installation, readiness: Readiness()))
        await installation.database.close()
        return result
    }
}
