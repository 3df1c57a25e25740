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
func system(_ name: String, pkgConfig: String?, apt: String, brew: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/Platform/C/\(name)", pkgConfig: pkgConfig,
        providers: [.apt([apt]), .brew([brew])])
}

/// A business module: four layers, each a target, so that the compiler keeps the walls.
///
/// - Parameters:
///   - uses: neighbours of whom this module may see the `Contract`.
///   - platform: Platform libraries that its adapters use.
func module(_ name: String, uses: [String] = [], platform: [String]) -> [Target] {
    let neighbours = uses.map { "\($0)Contract" }
    let contract = "\(name)Contract"
    let domain = "\(name)Domain"
    let application = "\(name)Application"
    func layer(_ layer: String, _ dependencies: [String], exclude: [String] = []) -> Target {
        .target(
            name: "\(name)\(layer)", dependencies: (["Shared"] + dependencies).map { .byName(name: $0) },
            path: "Sources/Modules/\(name)/\(layer)", exclude: exclude, swiftSettings: swiftSettings)
    }
    return [
        layer("Contract", []),
        layer("Domain", [contract]),
        layer("Application", [contract, domain] + neighbours),
        layer(
            "Infrastructure", [contract, domain, application] + neighbours + platform, exclude: ["Migrations"]),
    ]
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

let cLibraries: [Target] = [
    system("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev", brew: "libmicrohttpd"),
    system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev", brew: "openssl@3"),
    system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev", brew: "curl"),
    system("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev", brew: "libsodium"),
    system("CCrypt", pkgConfig: "libcrypt", apt: "libcrypt-dev", brew: "libxcrypt"),
    system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev", brew: "sqlite"),
    // Its pkg-config file has a flag that SwiftPM warns about in every build, so the module map links it.
    system("CUTF8Proc", pkgConfig: nil, apt: "libutf8proc-dev", brew: "utf8proc"),
    .target(name: "CLinux", path: "Sources/Platform/C/CLinux"),
    .target(name: "CMustache", path: "Sources/Platform/C/CMustache"),
    .target(name: "CAssets", path: "Sources/Platform/C/CAssets"),
]

let platformLibraries: [Target] = [
    platform("JSON"),
    platform("HTTP", ["JSON", "Telemetry"]),
    platform("HTTPServer", ["HTTP", "Lifecycle", "Threads", "CMicroHTTPD", "CLinux"]),
    platform("HTTPClient", ["Lifecycle", "Threads", "CCurl"]),
    platform("SQL", exclude: ["Migrations"]),
    platform("SQLite", ["SQL", "Lifecycle", "Threads", "CSQLite"]),
    platform("Cache"),
    platform("Configuration"),
    platform("Messaging", ["SQL", "Lifecycle"], exclude: ["Migrations"]),
    platform("Crypto", ["JSON", "Lifecycle", "Threads", "CCrypt", "COpenSSL", "CSodium", "CUTF8Proc"]),
    platform("Audit", ["SQL", "Lifecycle", "Crypto", "JSON"], exclude: ["Migrations"]),
    platform("Templates", ["CMustache"]),
    platform("Assets", ["CAssets"]),
    platform("Lifecycle"),
    platform("Telemetry", ["JSON"]),
    platform("Threads", ["CLinux"]),
]

let modules: [Target] = [
    module(
        "Accounts",
        platform: [
            "Assets", "HTTP", "JSON", "SQL", "Messaging", "Crypto", "Audit", "Templates", "Cache", "Configuration",
            "Lifecycle",
        ]),
    module(
        "Access", uses: ["Accounts"],
        platform: [
            "HTTP", "JSON", "SQL", "Messaging", "Crypto", "Audit", "Cache", "Configuration", "Lifecycle",
        ]),
    module(
        "Notifications", uses: ["Accounts"],
        platform: ["HTTP", "HTTPClient", "JSON", "SQL", "Messaging", "Templates", "Configuration", "Lifecycle"]),
].flatMap { $0 }

let executables: [Target] = [
    .executableTarget(
        name: "Gapura",
        dependencies: (["Shared"] + (platformLibraries + modules).map(\.name)).map { .byName(name: $0) },
        path: "Sources/Gapura", swiftSettings: swiftSettings)
]

/// The inner layers of a module: what its tests speak of.
func inner(_ module: String) -> [String] { ["\(module)Contract", "\(module)Domain", "\(module)Application"] }

/// What adapters of modules are tested with.
let adapterTesting = [
    "Assets", "Configuration", "HTTP", "JSON", "Lifecycle", "Messaging", "SQL", "SQLite", "Shared", "Templates",
    "TestSupport",
]

let testTargets: [Target] = [
    support("TestSupport", in: "Support", ["Shared"]),
    tests("SharedTests", in: "Unit", ["Shared", "TestSupport"]),
    tests("JSONTests", in: "Unit", ["Shared", "JSON", "TestSupport"]),
    tests("HTTPTests", in: "Unit", ["Shared", "JSON", "HTTP", "Telemetry", "TestSupport"]),
    tests("HTTPClientTests", in: "Unit", ["Shared", "HTTPClient", "Lifecycle", "TestSupport"]),
    tests("CryptoTests", in: "Unit", ["Shared", "JSON", "Lifecycle", "Crypto", "TestSupport"]),
    tests("TemplatesTests", in: "Unit", ["Shared", "Templates", "Assets"]),
    tests("AssetsTests", in: "Unit", ["Assets"]),
    tests("LifecycleTests", in: "Unit", ["Shared", "Lifecycle", "TestSupport"]),
    tests("TelemetryTests", in: "Unit", ["Shared", "JSON", "Telemetry"]),
    tests("ConfigurationTests", in: "Unit", ["Shared", "Configuration"]),
    tests("CacheTests", in: "Unit", ["Shared", "Cache", "TestSupport"]),
    tests("SQLTests", in: "Unit", ["Shared", "SQL"]),
    support("SQLSuites", in: "Suites", ["Shared", "SQL"]),
    tests(
        "SQLiteIntegrationTests", in: "Integration",
        ["Shared", "SQL", "SQLite", "SQLSuites", "Lifecycle", "TestSupport"]),
    tests(
        "HTTPServerIntegrationTests", in: "Integration", ["Shared", "HTTP", "HTTPServer", "Lifecycle", "TestSupport"]),
    tests(
        "MessagingIntegrationTests", in: "Integration",
        ["Shared", "Messaging", "Lifecycle", "SQL", "SQLite", "Assets", "TestSupport"]),
    tests(
        "AuditIntegrationTests", in: "Integration",
        ["Shared", "Audit", "Lifecycle", "SQL", "SQLite", "Assets", "TestSupport"]),

    support("AccountsDoubles", in: "Support", inner("Accounts") + ["Shared", "TestSupport"]),
    support("AccountsPortSuites", in: "Suites", inner("Accounts") + ["Shared", "TestSupport"]),
    tests("AccountsTests", in: "Unit", inner("Accounts") + ["AccountsDoubles", "Shared", "TestSupport"]),
    tests(
        "AccountsIntegrationTests", in: "Integration",
        inner("Accounts") + ["AccountsInfrastructure", "AccountsPortSuites", "AccountsDoubles"] + adapterTesting
            + ["Audit", "Cache", "Crypto"]),

    tests("AccessTests", in: "Unit", inner("Access") + ["Shared", "TestSupport"]),

    support("NotificationsDoubles", in: "Support", inner("Notifications") + ["Shared", "TestSupport"]),
    support("NotificationsPortSuites", in: "Suites", inner("Notifications") + ["Shared", "TestSupport"]),
    tests(
        "NotificationsTests", in: "Unit",
        inner("Notifications") + ["AccountsContract", "NotificationsDoubles", "Shared", "TestSupport"]),
    tests(
        "NotificationsIntegrationTests", in: "Integration",
        inner("Notifications") + ["NotificationsInfrastructure", "NotificationsPortSuites", "NotificationsDoubles"]
            + adapterTesting + ["AccountsContract", "HTTPClient"]),

    tests(
        "GapuraTests", in: "Unit",
        [
            "Shared", "Gapura", "AccountsInfrastructure", "Configuration", "Crypto", "HTTP", "HTTPServer", "JSON",
            "SQL", "SQLite", "Telemetry", "TestSupport",
        ]),
    tests("ArchitectureTests", in: "Architecture", [], exclude: ["Fixture"]),
]

let package = Package(
    name: "gapura",
    platforms: [.macOS(.v26)],
    products: [.executable(name: "gapura", targets: ["Gapura"])],
    targets: [.target(name: "Shared", path: "Sources/Shared", swiftSettings: swiftSettings)] + cLibraries
        + platformLibraries + modules + executables + testTargets,
    cxxLanguageStandard: .cxx17
)
