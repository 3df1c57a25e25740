/// Who may import whom: docs/architecture.md, section 3.
enum ImportTable {
    /// What a file belongs to.
    enum Owner: Equatable {
        case shared
        case platform(String)
        case layer(module: String, String)
        case executable
    }

    /// Of whom a module may see the Contract.
    static let neighbours: [String: Set<String>] = [
        "Access": ["Accounts"],
        "Accounts": [],
        "Notifications": ["Accounts"],
    ]

    /// Platform libraries without C: they may use each other.
    static let pure: Set = [
        "Cache", "Configuration", "HTTP", "JSON", "Lifecycle", "Messaging", "SQL", "Telemetry",
    ]

    /// Platform libraries that may use more than Shared and the pure ones.
    static let others: [String: Set<String>] = [
        "Assets": ["CAssets"],
        "Audit": ["Crypto"],
        "Crypto": ["CCrypt", "COpenSSL", "CSodium", "CUTF8Proc", "Threads"],
        "HTTPClient": ["CCurl", "Threads"],
        "HTTPServer": ["CMicroHTTPD", "CLinux", "Threads"],
        "SQLite": ["CSQLite", "Threads"],
        "Templates": ["CMustache"],
        "Threads": ["CLinux"],
    ]

    /// Only the executable knows which server and which database there are.
    static let adapters: Set = ["HTTPServer", "SQLite"]

    static let standard: Set = ["Swift", "FoundationEssentials", "Synchronization"]
    /// The system's C library, by the names that it has.
    static let system: Set = ["Darwin", "Glibc"]
    static let layers: Set = ["Contract", "Domain", "Application", "Infrastructure"]

    static func owner(of path: String) -> Owner? {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count >= 3, parts[0] == "Sources" else { return nil }
        switch parts[1] {
        case "Shared": return .shared
        case "Gapura": return .executable
        case "Platform" where parts.count >= 4: return .platform(parts[2])
        case "Modules" where parts.count >= 5 && layers.contains(parts[3]): return .layer(module: parts[2], parts[3])
        default: return nil
        }
    }

    /// The modules that an owner's files may import; nil if the table does not know it.
    static func allowed(_ owner: Owner) -> Set<String>? {
        switch owner {
        case .shared: standard
        case .platform(let name): platform(name)
        case .layer(let module, let layer): allowed(module: module, layer: layer)
        case .executable: everything
        }
    }

    private static func platform(_ name: String) -> Set<String>? {
        guard pure.contains(name) || others[name] != nil else { return nil }
        return standard.union(pure).union(others[name] ?? []).union(system).union(["Shared"])
    }

    private static func allowed(module: String, layer: String) -> Set<String>? {
        guard let neighbours = neighbours[module] else { return nil }
        let contracts = Set(neighbours.map { "\($0)Contract" })
        switch layer {
        case "Contract": return ["Shared"]
        case "Domain": return ["Shared", "\(module)Contract"]
        case "Application": return contracts.union(["Shared", "\(module)Contract", "\(module)Domain"])
        default:
            let own: Set = ["\(module)Contract", "\(module)Domain", "\(module)Application"]
            let platform = pure.union(others.keys).subtracting(adapters).subtracting(["Threads"])
            return standard.union(own).union(contracts).union(platform).union(["Shared"])
        }
    }

    private static var everything: Set<String> {
        let modules = neighbours.keys.flatMap { module in layers.map { "\(module)\($0)" } }
        return standard.union(pure).union(others.keys).union(modules).union(system).union(["Dispatch", "Shared"])
    }
}
