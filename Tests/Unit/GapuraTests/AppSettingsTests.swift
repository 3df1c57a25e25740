import Commands
import Composition
import Configuration
import FoundationEssentials
import HTTPServer
import Shared
import Telemetry
import TestSupport
import Testing

@testable import Gapura

@Suite("The settings of the program")
struct AppSettingsTests {
    private static let masterKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    private static let production = ["APP_URL": "https://id.example.com", "MASTER_KEY": masterKey]

    private func read(
        _ values: [String: String], _ environment: AppEnvironment = .development
    ) -> (settings: AppSettings, failures: [String]) {
        var reader = SettingsReader(values: values) { _ in throw CommandFailure(code: .failure, message: "") }
        let settings = AppSettings(&reader, environment: environment)
        return (settings, reader.failures.map(\.name))
    }

    private func sqlitePath(_ settings: AppSettings) -> String? {
        if case .sqlite(let path) = settings.database { path } else { nil }
    }

    @Test("development needs nothing")
    func development() {
        let (settings, failures) = read([:])
        #expect(failures.isEmpty)
        #expect(settings.appURL == "http://localhost:8080")
        #expect(settings.server.host == .loopback)
        #expect(settings.server.port == 8080)
        #expect(settings.adminServer == nil)
        #expect(sqlitePath(settings) == "./data/gapura.db")
        #expect(settings.masterKey == nil)
        #expect(settings.logLevel == .info)
        #expect(settings.shutdownGrace == .seconds(20))
        #expect(!settings.process.usesSecureCookies)
    }

    @Test("a port of any number needs APP_URL, since links cannot name it")
    func anyPort() {
        #expect(read(["HTTP_PORT": "0"]).failures == ["APP_URL"])
        #expect(read(["HTTP_PORT": "0", "APP_URL": "http://localhost:8080"]).failures.isEmpty)
        #expect(read(["HTTP_PORT": "9000"]).settings.appURL == "http://localhost:9000")
    }

    @Test("production tells everything that it needs at once")
    func productionNeeds() {
        #expect(read([:], .production).failures == ["APP_URL", "MASTER_KEY"])
        let (settings, failures) = read(Self.production, .production)
        #expect(failures.isEmpty)
        #expect(settings.process.usesSecureCookies)
        #expect(settings.adminServer?.port == 8081)
        #expect(settings.adminServer?.host == .loopback)
        #expect(settings.logFormat == .json)
    }

    @Test(
        "APP_URL is an origin, by https in production",
        arguments: [
            ("https://id.example.com/", "https://id.example.com", []),
            ("https://id.example.com:8443", "https://id.example.com:8443", []),
            ("http://localhost:8080", "http://localhost:8080", []),
            ("http://id.example.com", "http://id.example.com", ["APP_URL"]),
            ("https://id.example.com/path", "http://localhost:8080", ["APP_URL"]),
            ("id.example.com", "http://localhost:8080", ["APP_URL"]),
        ] as [(String, String, [String])])
    func appURL(_ text: String, _ expected: String, _ failures: [String]) {
        let read = read(["APP_URL": text, "MASTER_KEY": Self.masterKey], .production)
        #expect(read.settings.appURL == expected)
        #expect(read.failures == failures)
    }

    @Test("development listens to this machine only, unless told otherwise")
    func host() {
        #expect(read(["HTTP_HOST": "0.0.0.0"]).failures == ["HTTP_HOST"])
        #expect(read(["HTTP_HOST": "0.0.0.0", "DEV_PUBLIC": "yes"]).failures.isEmpty)
        #expect(read(["HTTP_HOST": "localhost"]).settings.server.host == .loopback)
        #expect(read(["HTTP_HOST": "nonsense"]).failures == ["HTTP_HOST"])
        #expect(read(Self.production.merging(["HTTP_HOST": "::"]) { $1 }, .production).failures.isEmpty)
    }

    @Test(
        "a wrong value is told with its variable's name",
        arguments: [
            ("HTTP_PORT", "65536"), ("HTTP_PORT", "x"), ("ADMIN_PORT", "-1"), ("BODY_LIMIT", "1KB"),
            ("BODY_LIMIT", "65MiB"),
            ("DATABASE_URL", "postgres://x?sslmode=maybe"), ("DATABASE_URL", "sqlite:"), ("REDIS_URL", "http://h"),
            ("DATABASE_POOL", "0"),
            ("TRUSTED_PROXIES", "10.0.0.0/8,x"), ("GATEWAYS", "gateway.example.com"),
            ("CORS_ORIGINS", "*"),
            ("CORS_ORIGINS", "https://a.example/x"), ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"),
            ("SHUTDOWN_GRACE", "soon"),
            ("MASTER_KEY", "short"), ("DEV_PUBLIC", "maybe"), ("ACCESS_TOKEN_EXPIRE", "0s"), ("ARGON2_MEMORY", "1KiB"),
            ("ARGON2_ITERATIONS", "0"), ("ARGON2_CONCURRENCY", "257"), ("RATE_LIMIT", "many"),
            ("RATE_LIMIT_ADDRESS", "x"),
            ("REFRESH_SECRET_KEY", "short"), ("VALIDATION_SECRET_KEY", "short"), ("MASTER_KEY_FILE", "/nothing"),
            ("INBOX_RETENTION", "6d"), ("DEAD_LETTERS_RETENTION", "1h"), ("NOTIFICATIONS_RETENTION", "ever"),
            ("MAIL_SUPPRESSIONS_RETENTION", "29d"), ("AUDIT_RETENTION", "29d"), ("AUDIT_PERSONAL_RETENTION", "91d"),
            ("AUDIT_REFERENCES_RETENTION", "0s"), ("QUOTA_DEGRADED_MAX", "25h"), ("EGRESS_ALLOW", "internal"),
        ])
    func wrong(_ name: String, _ value: String) {
        #expect(read([name: value]).failures == [name])
    }

    @Test("lists and limits are read")
    func lists() {
        let (settings, failures) = read([
            "TRUSTED_PROXIES": "10.0.0.0/8, ::1", "CORS_ORIGINS": "https://a.example,https://b.example:8443",
            "RATE_LIMIT": "7/2m", "ADMIN_PORT": "9000", "APP_DEBUG": "yes", "DATA_DIR": "/var/lib/gapura",
        ])
        #expect(failures.isEmpty)
        #expect(settings.trustedProxies.map(\.description) == ["10.0.0.0/8", "::1/128"])
        #expect(settings.corsOrigins == ["https://a.example", "https://b.example:8443"])
        #expect(settings.adminServer?.port == 9_000)
        #expect(settings.logLevel == .debug)
        #expect(sqlitePath(settings) == "/var/lib/gapura/gapura.db")
    }

    @Test("limits on signing in cannot be off in production")
    func rateLimitOff() {
        #expect(read(["RATE_LIMIT": "off"]).failures.isEmpty)
        #expect(read(Self.production.merging(["RATE_LIMIT": "off"]) { $1 }, .production).failures == ["RATE_LIMIT"])
    }

    private static let exampleFile =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        + "/env/.env.example"

    @Test(
        "every variable is documented, and nothing else",
        .enabled(if: FileManager.default.fileExists(atPath: exampleFile), "there is no env/.env.example"))
    func documented() throws {
        let text = try String(contentsOf: URL(filePath: Self.exampleFile), encoding: .utf8)
        var documented: Set<String> = []
        for line in text.split(separator: "\n") {
            let name = line.drop { $0 == "#" || $0 == " " }.prefix { $0 != "=" }
            let isName = name.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" }
            if isName, !name.isEmpty, line.contains("=") { documented.insert(String(name)) }
        }
        var reader = SettingsReader(values: [:]) { _ in "" }
        _ = AppSettings(&reader, environment: .development)
        // A secret's file is told with the secret.
        let asked = Set(reader.names).union(["APP_ENV"]).filter { !$0.hasSuffix("_FILE") }
        #expect(asked.subtracting(documented) == [])
        #expect(documented.subtracting(reader.names).subtracting(["APP_ENV", "RATE_LIMIT_ADDRESS"]) == [])
    }
}
