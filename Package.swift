// swift-tools-version: 6.2
// The target graph of docs/architecture.md: a layer folder of a module is a target called <Module><Layer>.
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A technical library: one folder of Sources/Platform, one target. `Shared` is always there.
func platform(_ name: String, _ dependencies: [String] = [], exclude: [String] = []) -> Target {
    .target(
        name: name, dependencies: (["Shared"] + dependencies).map { .byName(name: $0) },
        path: "Sources/Platform/\(name)", exclude: exclude, swiftSettings: swiftSettings)
}

/// A C library of the system: module.modulemap and shim.h, nothing else.
func system(_ name: String, pkgConfig: String?, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/Platform/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A test target; `folder` is its parent below Tests.
func tests(_ name: String, in folder: String, _ dependencies: [String], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies.map { .byName(name: $0) },
        path: "Tests/\(folder)/\(name)", exclude: exclude, swiftSettings: swiftSettings)
}

/// Code that several test targets share.
func support(_ name: String, in folder: String, _ dependencies: [String]) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .byName(name: $0) },
        path: "Tests/\(folder)/\(name)", swiftSettings: swiftSettings)
}

/// What the adapters of a module with routes, tables and permissions use.
let usualPlatform = [
    "Authorization", "Composition", "Configuration", "HTTP", "Idempotency", "JSON", "Lists", "SQL", "Transactions",
]

/// A business module: its layers, and the targets that test them.
struct Module {
    let layers: [Target]
    let tests: [Target]
}

/// The whole of a module from one line: four layers, doubles and a suite of its ports, what neighbours test with, unit
/// and integration tests.
///
/// - Parameters:
///   - uses: neighbours of whom this module may see the `Contract`. The Architecture tests read it here.
///   - platform: Platform libraries that its adapters use.
func module(_ name: String, uses: [String] = [], platform: [String] = usualPlatform) -> Module {
    Module(
        layers: layers(of: name, uses: uses, platform: platform),
        tests: tests(of: name, uses: uses, platform: platform))
}

/// Four layers, each a target, so that the compiler keeps the walls.
func layers(of name: String, uses: [String], platform: [String]) -> [Target] {
    func layer(_ layer: String, _ dependencies: [String], exclude: [String] = []) -> Target {
        .target(
            name: "\(name)\(layer)", dependencies: (["Shared"] + dependencies).map { .byName(name: $0) },
            path: "Sources/Modules/\(name)/\(layer)", exclude: exclude, swiftSettings: swiftSettings)
    }
    return [
        layer("Contract", []),
        layer("Domain", ["\(name)Contract"]),
        layer("Application", ["\(name)Contract", "\(name)Domain"] + contracts(of: uses)),
        layer("Infrastructure", inner(name) + contracts(of: uses) + platform, exclude: ["Migrations"]),
    ]
}

/// What tests a module: its inner layers with doubles, its adapters with doubles of what they need, and over the real
/// thing.
func tests(of name: String, uses: [String], platform: [String]) -> [Target] {
    let common = inner(name) + contracts(of: uses) + ["Shared", "TestSupport"]
    let doubles = ["\(name)Doubles"] + contractDoubles(of: [name] + uses)
    let adapters = Set(adapterTesting + platform).subtracting(common).sorted()
    let forNeighbours = contractDoubles(of: [name]).map {
        support($0, in: "Support", ["\(name)Contract", "Crypto", "Shared", "TestSupport"])
    }
    return forNeighbours + [
        support("\(name)Doubles", in: "Support", common + ["Crypto"]),
        support("\(name)PortSuites", in: "Suites", common),
        tests("\(name)Tests", in: "Unit", common + doubles + ["Messaging"]),
        tests(
            "\(name)AdapterTests", in: "Unit",
            common + doubles + ["\(name)Infrastructure", "\(name)PortSuites"] + adapters),
        tests(
            "\(name)IntegrationTests", in: "Integration",
            common + doubles + ["\(name)PortSuites", "\(name)Infrastructure", "DatabaseSupport"] + adapters),
    ]
}

/// Those of whom the Contract has no protocol, and so nothing that a neighbour's test could need a double of.
let modulesWithoutFacade: Set = ["Access", "Notifications"]

/// Doubles of what the Contracts of these modules offer.
func contractDoubles(of modules: [String]) -> [String] {
    modules.filter { !modulesWithoutFacade.contains($0) }.map { "\($0)ContractDoubles" }
}

/// The inner layers of a module: what its tests speak of.
func inner(_ module: String) -> [String] { ["\(module)Contract", "\(module)Domain", "\(module)Application"] }

func contracts(of modules: [String]) -> [String] { modules.map { "\($0)Contract" } }

/// What adapters of every module are tested with.
let adapterTesting = [
    "Assets", "Audit", "Authorization", "AuthorizationDoubles", "Composition", "Configuration", "Crypto", "HTTP",
    "HTTPClientDoubles", "HTTPSupport", "Idempotency", "IdempotencyDoubles", "JSON", "Lifecycle", "Messaging",
    "Retention", "SQL", "Templates", "Transactions",
]

let cLibraries: [Target] = [
    system("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
    system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
    system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    system("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev"),
    system("CCrypt", pkgConfig: "libcrypt", apt: "libcrypt-dev"),
    system("CTLS", pkgConfig: "libssl", apt: "libssl-dev"),
    // As CUTF8Proc below.
    system("CHiredis", pkgConfig: nil, apt: "libhiredis-dev"),
    system("CPQ", pkgConfig: "libpq", apt: "libpq-dev"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    // Its pkg-config file has a flag that SwiftPM warns about in every build, so the module map links it.
    system("CQREncode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
    system("CUTF8Proc", pkgConfig: nil, apt: "libutf8proc-dev"),
    .target(name: "CLinux", path: "Sources/Platform/C/CLinux"),
    .target(name: "CMustache", path: "Sources/Platform/C/CMustache"),
    .target(name: "CAssets", path: "Sources/Platform/C/CAssets"),
]

let platformLibraries: [Target] = [
    platform("JSON"),
    platform("HTTP", ["JSON", "Telemetry"]),
    platform("HTTPServer", ["HTTP", "Lifecycle", "Threads", "CMicroHTTPD", "CLinux"]),
    platform("HTTPClient", ["Lifecycle", "Threads", "CCurl"]),
    platform("SQL", ["Threads"], exclude: ["Migrations"]),
    platform("Postgres", ["SQL", "Lifecycle", "Threads", "CPQ"]),
    platform("SQLite", ["SQL", "Lifecycle", "Threads", "CSQLite"]),
    platform("DatabaseCopy", ["SQL", "JSON"]),
    platform("Cron"),
    platform("Jobs", ["Cron", "Crypto", "Lifecycle", "Messaging", "SQL", "Transactions"], exclude: ["Migrations"]),
    platform("Cache"),
    platform("ChangeFeeds", ["SQL", "Lifecycle", "Retention"]),
    platform("Commands"),
    platform(
        "Composition",
        [
            "Audit", "Authorization", "Cache", "Commands", "Configuration", "Crypto", "HTTP", "HTTPClient",
            "Idempotency", "Jobs", "Lifecycle", "Lists", "Messaging", "Pages", "Redis", "Retention", "SQL", "Telemetry",
            "Templates", "Transactions",
        ]),
    platform("Configuration"),
    platform("Retention", ["SQL"]),
    platform("Messaging", ["JSON", "SQL", "Lifecycle", "Retention"], exclude: ["Migrations"]),
    platform("Crypto", ["JSON", "Lifecycle", "Threads", "CCrypt", "COpenSSL", "CSodium", "CUTF8Proc"]),
    platform("Audit", ["SQL", "Lifecycle", "Retention", "Crypto", "JSON"], exclude: ["Migrations"]),
    platform("Idempotency", ["SQL", "HTTP", "JSON", "Crypto", "Retention"], exclude: ["Migrations"]),
    platform("Lists", ["Crypto", "HTTP", "JSON"]),
    platform("Authorization", ["HTTP", "Idempotency", "Lists"]),
    platform("QRCode", ["CQREncode"]),
    platform("Redis", ["Cache", "EventLoop", "Lifecycle", "CHiredis", "COpenSSL"]),
    platform("Templates", ["CMustache"]),
    platform("Pages", ["Crypto", "HTTP", "JSON", "Templates"]),
    platform("Assets", ["CAssets"]),
    platform("Transactions", ["SQL", "Messaging", "Audit", "Lifecycle"]),
    platform("EventLoop", ["Threads", "CLinux", "CTLS"]),
    platform("Lifecycle"),
    platform("Telemetry", ["JSON"]),
    platform("Threads", ["CLinux"]),
    platform("WebAuthn", ["Crypto", "JSON"]),
]

let modules: [Module] = [
    module(
        "Accounts",
        platform: [
            "Assets", "Authorization", "HTTP", "HTTPClient", "JSON", "SQL", "Messaging", "Crypto", "Audit",
            "Idempotency", "Templates", "Cache", "ChangeFeeds", "Commands", "Composition", "Configuration", "Jobs",
            "Lifecycle", "Lists", "Pages", "QRCode", "Retention", "Transactions", "WebAuthn",
        ]),
    module(
        "Access", uses: ["Accounts"],
        platform: [
            "Authorization", "HTTP", "JSON", "SQL", "Messaging", "Crypto", "Audit", "Idempotency", "Cache",
            "ChangeFeeds", "Commands", "Composition", "Configuration", "Lifecycle", "Lists", "Pages", "Redis",
            "Retention", "Telemetry", "Templates", "Transactions",
        ]),
    module(
        "Notifications", uses: ["Accounts", "Access"],
        platform: [
            "Authorization", "ChangeFeeds", "Commands", "Composition", "Configuration", "Crypto", "HTTP", "HTTPClient",
            "Idempotency", "JSON", "Jobs", "Lifecycle", "Lists", "Messaging", "Pages", "Retention", "SQL", "Telemetry",
            "Templates", "Transactions",
        ]),
]

let moduleLayers = modules.flatMap(\.layers)

let executables: [Target] = [
    .executableTarget(
        name: "Gapura",
        dependencies: (["Shared"] + (platformLibraries + moduleLayers).map(\.name)).map { .byName(name: $0) },
        path: "Sources/Gapura", swiftSettings: swiftSettings)
]

let testTargets: [Target] = [
    // A program of its own, because only a process can be killed.
    .executableTarget(
        name: "DeliveryProbe",
        dependencies: ["Shared", "Jobs", "Lifecycle", "Messaging", "Postgres", "SQL", "SQLite"].map {
            .byName(name: $0)
        },
        path: "Tests/Support/DeliveryProbe", swiftSettings: swiftSettings),
    support("TestSupport", in: "Support", ["Shared"]),
    support("AuthorizationDoubles", in: "Support", ["Shared", "Authorization", "HTTP"]),
    tests("SharedTests", in: "Unit", ["Shared", "TestSupport"]),
    tests(
        "AuthorizationTests", in: "Unit", ["Shared", "Authorization", "AuthorizationDoubles", "HTTP", "JSON"]),
    tests("JSONTests", in: "Unit", ["Shared", "JSON", "TestSupport"]),
    tests("HTTPTests", in: "Unit", ["Shared", "JSON", "HTTP", "Telemetry", "TestSupport"]),
    tests("ListsTests", in: "Unit", ["Shared", "Crypto", "HTTP", "Lists", "TestSupport"]),
    tests("HTTPClientTests", in: "Unit", ["Shared", "HTTPClient", "Lifecycle", "TestSupport"]),
    tests("CryptoTests", in: "Unit", ["Shared", "JSON", "Lifecycle", "Crypto", "TestSupport"]),
    tests("WebAuthnTests", in: "Unit", ["Shared", "Crypto", "JSON", "WebAuthn"], exclude: ["Fixtures"]),
    tests("TemplatesTests", in: "Unit", ["Shared", "Templates", "Assets"]),
    tests("AssetsTests", in: "Unit", ["Assets"]),
    tests("PagesTests", in: "Unit", ["Shared", "Assets", "Crypto", "HTTP", "Pages", "Templates", "TestSupport"]),
    tests("LifecycleTests", in: "Unit", ["Shared", "Lifecycle", "TestSupport"]),
    tests("TelemetryTests", in: "Unit", ["Shared", "JSON", "Telemetry"]),
    tests("ConfigurationTests", in: "Unit", ["Shared", "Configuration"]),
    tests("CacheTests", in: "Unit", ["Shared", "Cache", "TestSupport"]),
    tests("SQLTests", in: "Unit", ["Shared", "SQL"]),
    tests("EventLoopTests", in: "Unit", ["Shared", "EventLoop", "TestSupport"]),
    tests(
        "EventLoopIntegrationTests", in: "Integration",
        ["Shared", "EventLoop", "ServerSupport", "TestSupport", "Threads"]),
    tests("RedisTests", in: "Unit", ["Shared", "EventLoop", "Redis", "TestSupport"]),
    support("RedisSupport", in: "Support", ["Shared", "EventLoop", "Redis", "ServerSupport"]),
    tests(
        "RedisIntegrationTests", in: "Integration",
        ["Shared", "Cache", "EventLoop", "Redis", "RedisSupport", "ServerSupport", "TestSupport"]),
    tests(
        "AccessRedisIntegrationTests", in: "Integration",
        inner("Access") + [
            "Shared", "AccessInfrastructure", "AccessPortSuites", "Assets", "ChangeFeeds", "Crypto", "DatabaseSupport",
            "EventLoop", "Jobs", "Lifecycle", "Redis", "RedisSupport", "SQL", "ServerSupport", "TestSupport",
        ]),
    support("ServerSupport", in: "Support", ["Shared", "Threads"]),
    support(
        "DatabaseSupport", in: "Support",
        ["Shared", "Assets", "Lifecycle", "SQL", "SQLite", "Postgres", "PostgresSupport", "TestSupport"]),
    support("SQLSuites", in: "Suites", ["Shared", "SQL"]),
    tests(
        "SQLiteIntegrationTests", in: "Integration",
        ["Shared", "SQL", "SQLite", "SQLSuites", "Lifecycle", "TestSupport"]),
    support(
        "PostgresSupport", in: "Support", ["Shared", "SQL", "Postgres", "ServerSupport", "Threads", "TestSupport"]),
    tests(
        "PostgresIntegrationTests", in: "Integration",
        [
            "Shared", "SQL", "Postgres", "PostgresSupport", "ServerSupport", "SQLSuites", "Lifecycle", "Threads",
            "TestSupport",
        ]),
    tests(
        "HTTPServerIntegrationTests", in: "Integration", ["Shared", "HTTP", "HTTPServer", "Lifecycle", "TestSupport"]),
    tests(
        "MessagingIntegrationTests", in: "Integration",
        ["Shared", "Messaging", "Lifecycle", "Retention", "SQL", "DatabaseSupport", "TestSupport"]),
    tests(
        "AuditIntegrationTests", in: "Integration",
        ["Shared", "Audit", "Crypto", "JSON", "Lifecycle", "Retention", "SQL", "DatabaseSupport", "TestSupport"]),
    tests(
        "DatabaseCopyIntegrationTests", in: "Integration",
        ["Shared", "DatabaseCopy", "DatabaseSupport", "JSON", "Lifecycle", "SQL", "TestSupport"]),
    support("UnitOfWorkSuites", in: "Suites", ["Shared", "TestSupport"]),
    tests("UnitOfWorkTests", in: "Unit", ["Shared", "TestSupport", "UnitOfWorkSuites"]),
    tests(
        "TransactionsIntegrationTests", in: "Integration",
        [
            "Shared", "Audit", "DatabaseSupport", "Lifecycle", "Messaging", "SQL", "TestSupport", "Transactions",
            "UnitOfWorkSuites",
        ]),
    support("HTTPClientDoubles", in: "Support", ["Shared", "HTTPClient"]),
    tests(
        "HTTPClientIntegrationTests", in: "Integration",
        ["Shared", "HTTPClient", "Lifecycle", "Threads", "TestSupport"]),
    support("HTTPSupport", in: "Support", ["Shared", "HTTP", "JSON"]),
    support("IdempotencyDoubles", in: "Support", ["Shared", "Crypto", "Idempotency", "Retention"]),
    tests(
        "IdempotencyTests", in: "Unit",
        ["Shared", "HTTP", "Idempotency", "IdempotencyDoubles", "IdempotencySuites", "TestSupport"]),
    support(
        "IdempotencySuites", in: "Suites",
        ["Shared", "Crypto", "HTTP", "Idempotency", "JSON", "Lifecycle", "Retention", "TestSupport"]),
    tests("RetentionTests", in: "Unit", ["Shared", "Retention", "TestSupport"]),
    tests(
        "IdempotencyIntegrationTests", in: "Integration",
        ["Shared", "DatabaseSupport", "HTTP", "Idempotency", "IdempotencySuites", "Retention", "SQL", "TestSupport"]),
    tests("MessagingTests", in: "Unit", ["Shared", "JSON", "Messaging", "TestSupport"]),
    tests(
        "GapuraTests", in: "Unit",
        [
            "Shared", "Gapura", "Commands", "Composition", "Configuration", "Crypto", "HTTP", "HTTPServer", "JSON",
            "Messaging", "SQL", "SQLite", "Telemetry", "TestSupport",
        ]),
    tests("CronTests", in: "Unit", ["Shared", "Cron", "TestSupport"]),
    tests(
        "JobsIntegrationTests", in: "Integration",
        [
            "Shared", "Audit", "Cron", "DatabaseSupport", "Jobs", "Lifecycle", "Messaging", "SQL", "TestSupport",
            "Transactions",
        ]),
    tests("CommandsTests", in: "Unit", ["Shared", "Commands", "TestSupport"]),
    tests("ArchitectureTests", in: "Architecture", [], exclude: ["Fixture"]),
]

let package = Package(
    name: "gapura",
    products: [.executable(name: "gapura", targets: ["Gapura"])],
    targets: [.target(name: "Shared", path: "Sources/Shared", swiftSettings: swiftSettings)] + cLibraries
        + platformLibraries + moduleLayers + executables + testTargets + modules.flatMap(\.tests),
    cxxLanguageStandard: .cxx17
)
