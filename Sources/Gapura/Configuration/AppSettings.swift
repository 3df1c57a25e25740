import Composition
import Configuration
import Crypto
import FoundationEssentials
import HTTP
import HTTPClient
import HTTPServer
import Pages
import Redis
import Shared
import Telemetry

/// Where this process runs. Development surfaces exist only outside production.
enum AppEnvironment: String, Sendable, CaseIterable {
    case production, development, test

    var isProduction: Bool { self == .production }
}

/// Everything an operator sets, read once.
struct AppSettings: Sendable {
    let appName: String
    let environment: AppEnvironment
    /// Without a slash at the end.
    let appURL: String
    let server: HTTPServerSettings
    /// A listener of its own for figures and health; nil: they are on the main one.
    let adminServer: HTTPServerSettings?
    let dataDirectory: String
    let database: DatabaseLocation
    /// Connections that one process has to PostgreSQL at most.
    let databasePool: Int
    /// What all processes share beside the database; nil: each has its own.
    let redis: RedisURL?
    /// Nil in development: a file in the data directory has it.
    let masterKey: MasterKey?
    let templatesDirectory: String?
    let trustedProxies: [NetworkPrefix]
    let corsOrigins: [String]
    /// Where outgoing requests may go.
    let egress: EgressPolicy
    let logLevel: LogLevel
    let logFormat: LogFormat
    let shutdownGrace: Duration
    let retention: RetentionSettings
    /// What modules know of all that.
    let process: ProcessSettings
    let modules: [ModulePlan]

    init(_ reader: inout SettingsReader, environment: AppEnvironment) {
        self.environment = environment
        let isProduction = environment.isProduction
        let coreCount = ProcessInfo.processInfo.activeProcessorCount
        appName = reader.text("APP_NAME", default: "Gapura")
        trustedProxies = reader.list("TRUSTED_PROXIES", "addresses or networks such as 10.0.0.0/8") {
            NetworkPrefix(text: $0)
        }
        server = Self.server(&reader, isProduction: isProduction, threads: coreCount, proxies: trustedProxies)
        appURL = Self.appURL(&reader, isProduction: isProduction, port: server.port)
        adminServer = Self.adminServer(&reader, isProduction: isProduction)
        dataDirectory = reader.text("DATA_DIR", default: "./data")
        database = DatabaseLocation(&reader, dataDirectory: dataDirectory)
        databasePool = reader.integer("DATABASE_POOL", default: 8, in: 1...200)
        redis = Self.redis(&reader)
        masterKey = Self.masterKey(&reader, isProduction: isProduction)
        templatesDirectory = reader.text("TEMPLATES_DIR")
        corsOrigins = reader.list("CORS_ORIGINS", "origins such as https://app.example.com") {
            WebOrigin(text: $0)?.text
        }
        egress = EgressPolicy(
            allowsPlainHTTP: !isProduction,
            allowed: reader.list("EGRESS_ALLOW", "addresses or networks such as 10.20.0.0/16") {
                NetworkPrefix(text: $0)
            },
            sandbox: isProduction ? nil : try? FetchURL("\(appURL)/dev/identity"))
        logLevel = reader.choice("LOG_LEVEL", default: reader.flag("APP_DEBUG", default: false) ? .debug : .info)
        logFormat = reader.choice("LOG_FORMAT", default: isProduction ? .json : .text)
        shutdownGrace = reader.duration("SHUTDOWN_GRACE", default: .seconds(20))
        retention = RetentionSettings(&reader)
        // Accounts says what is wrong with one that is left out here.
        let redirectURLs = (reader.text("REDIRECT_URLS") ?? "").split(separator: ",")
            .map { $0.filter { !$0.isWhitespace } }.filter { ReturnTargets.isEntry($0, isProduction: isProduction) }
        process = ProcessSettings(
            appName: appName, appURL: appURL, isProduction: isProduction, coreCount: coreCount,
            trustedProxies: trustedProxies, pagesURL: reader.text("PAGES_URL"), redirectURLs: redirectURLs,
            bodyLimit: server.bodyLimit)
        modules = Modules.plans(&reader, process)
    }

    private static func server(
        _ reader: inout SettingsReader, isProduction: Bool, threads: Int, proxies: [NetworkPrefix]
    ) -> HTTPServerSettings {
        let host = reader.value("HTTP_HOST", default: NetworkAddress.loopback, "must be an IP address") {
            $0 == "localhost" ? .loopback : NetworkAddress(text: $0)
        }
        let isPublicDevelopment = reader.flag("DEV_PUBLIC", default: false)
        if !isProduction, !host.isLoopback, !isPublicDevelopment {
            reader.fail("HTTP_HOST", "must be a loopback address in development (DEV_PUBLIC=yes allows others)")
        }
        let port = reader.integer("HTTP_PORT", default: 8080, in: 0...65_535)
        var settings = HTTPServerSettings(host: host, port: port, threads: threads)
        let perAddress = reader.integer("CONNECTIONS_PER_ADDRESS", default: 1_000, in: 0...1_000_000)
        settings.connectionsPerPeer = perAddress == 0 ? nil : perAddress
        // Access reads the gateways too, and reports what is wrong with them.
        let gateways = (reader.text("GATEWAYS") ?? "").split(separator: ",").compactMap { part in
            NetworkPrefix(text: String(part.filter { $0 != " " }))
        }
        let thisMachine = ["127.0.0.0/8", "::1"].compactMap { NetworkPrefix(text: $0) }
        settings.unlimitedPeers = thisMachine + proxies + gateways
        settings.bodyLimit = reader.size("BODY_LIMIT", default: .mebibytes(1), in: 1_024...(64 << 20))
        return settings
    }

    /// Figures are for operators: in production they have a port of their own, on the loopback interface.
    private static func adminServer(_ reader: inout SettingsReader, isProduction: Bool) -> HTTPServerSettings? {
        let isGiven = reader.text("ADMIN_PORT") != nil
        let port = reader.integer("ADMIN_PORT", default: 8081, in: 0...65_535)
        return isProduction || isGiven ? HTTPServerSettings(port: port) : nil
    }

    private static func appURL(_ reader: inout SettingsReader, isProduction: Bool, port: Int) -> String {
        let fallback = "http://localhost:\(port)"
        guard let text = reader.text("APP_URL") else {
            if isProduction {
                reader.fail("APP_URL", "is missing: it is the issuer of tokens and where pages are")
            } else if port == 0 {
                reader.fail("APP_URL", "is missing: with HTTP_PORT=0 the port is not known before the start")
            }
            return fallback
        }
        guard let origin = WebOrigin(text: text.hasSuffix("/") ? String(text.dropLast()) : text) else {
            reader.fail("APP_URL", "must be scheme, host and port such as https://id.example.com")
            return fallback
        }
        if isProduction, !origin.isHTTPS, !origin.isLocal {
            reader.fail("APP_URL", "must be https in production")
        }
        return origin.text
    }

    private static func redis(_ reader: inout SettingsReader) -> RedisURL? {
        guard let text = reader.secret("REDIS_URL")?.reveal() else { return nil }
        do {
            return try RedisURL(text)
        } catch {
            reader.fail("REDIS_URL", "is \(error)")
            return nil
        }
    }

    private static func masterKey(_ reader: inout SettingsReader, isProduction: Bool) -> MasterKey? {
        guard let text = reader.secret("MASTER_KEY") else {
            if isProduction {
                reader.fail("MASTER_KEY", "is missing: 32 bytes in base64, such as `openssl rand -base64 32` prints")
            }
            return nil
        }
        do {
            return try MasterKey.parse(text.reveal())
        } catch {
            reader.fail("MASTER_KEY", "is not valid: \(error)")
            return nil
        }
    }
}
