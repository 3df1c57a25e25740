/// Who may import whom: docs/architecture.md, section 3.
struct ImportTable {
    /// What a file belongs to.
    enum Owner: Equatable {
        case shared
        case platform(String)
        case layer(module: String, String)
        case executable
    }

    /// Of whom a module may see the Contract: what the manifest's line of the module says.
    let neighbours: [String: Set<String>]

    init(_ tree: SourceTree) {
        // No line with a comment counts; what is not found has no row, so none of its files is let through.
        let line = /(?m)^[^\/\n]*\b(?:module\(|layers\(of:)\s*"(\w+)"(?:,\s*uses:\s*\[([^\]]*)\])?/
        neighbours = tree.files["Package.swift", default: ""].matches(of: line).reduce(into: [:]) { rows, match in
            let used = (match.2 ?? "").split { !$0.isLetter && !$0.isNumber }.map(String.init)
            rows[String(match.1), default: []].formUnion(used)
        }
    }

    /// Platform libraries without C: they may use each other.
    static let pure: Set = [
        "Cache", "ChangeFeeds", "Commands", "Configuration", "Cron", "DatabaseCopy", "HTTP", "JSON", "Lifecycle",
        "Messaging", "Retention", "SQL", "Telemetry",
    ]

    /// Platform libraries that may use more than Shared and the pure ones.
    static let others: [String: Set<String>] = [
        "Assets": ["CAssets"],
        "Audit": ["Crypto"],
        "Authorization": ["Idempotency", "Lists"],
        "Composition": [
            "Audit", "Authorization", "Crypto", "HTTPClient", "Idempotency", "Jobs", "Lists", "Pages", "Redis",
            "Templates", "Transactions",
        ],
        "Crypto": ["CCrypt", "COpenSSL", "CSodium", "CUTF8Proc", "Threads"],
        "EventLoop": ["CLinux", "CTLS", "Threads"],
        "HTTPClient": ["CCurl", "Threads"],
        "HTTPServer": ["CMicroHTTPD", "CLinux", "Threads"],
        "Idempotency": ["Crypto"],
        "Jobs": ["Crypto", "Transactions"],
        "Lists": ["Crypto"],
        "Pages": ["Crypto", "Templates"],
        "Postgres": ["CPQ", "Threads"],
        "QRCode": ["CQREncode"],
        "Redis": ["CHiredis", "COpenSSL", "EventLoop"],
        "SQL": ["Threads"],
        "SQLite": ["CSQLite", "Threads"],
        "Templates": ["CMustache"],
        "Threads": ["CLinux"],
        "Transactions": ["Audit"],
        "WebAuthn": ["Crypto"],
    ]

    /// Only the executable knows which server and which database there are.
    static let adapters: Set = ["EventLoop", "HTTPServer", "Postgres", "SQLite"]

    static let standard: Set = ["Swift", "FoundationEssentials", "Synchronization"]
    /// The system's C library.
    static let system: Set = ["Glibc"]
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
    func allowed(_ owner: Owner) -> Set<String>? {
        switch owner {
        case .shared: Self.standard
        case .platform(let name): Self.platform(name)
        case .layer(let module, let layer): allowed(module: module, layer: layer)
        case .executable: everything
        }
    }

    private static func platform(_ name: String) -> Set<String>? {
        guard pure.contains(name) || others[name] != nil else { return nil }
        return standard.union(pure).union(others[name] ?? []).union(system).union(["Shared"])
    }

    private func allowed(module: String, layer: String) -> Set<String>? {
        let (standard, pure, others) = (Self.standard, Self.pure, Self.others)
        guard let neighbours = neighbours[module] else { return nil }
        let contracts = Set(neighbours.map { "\($0)Contract" })
        switch layer {
        case "Contract": return ["Shared"]
        case "Domain": return ["Shared", "\(module)Contract"]
        case "Application": return contracts.union(["Shared", "\(module)Contract", "\(module)Domain"])
        default:
            let own: Set = ["\(module)Contract", "\(module)Domain", "\(module)Application"]
            let platform = pure.union(others.keys).subtracting(Self.adapters).subtracting(["Threads"])
            return standard.union(own).union(contracts).union(platform).union(["Shared"])
        }
    }

    private var everything: Set<String> {
        let modules = neighbours.keys.flatMap { module in Self.layers.map { "\(module)\($0)" } }
        return Self.standard.union(Self.pure).union(Self.others.keys).union(modules).union(Self.system)
            .union(["Dispatch", "Shared"])
    }
}
