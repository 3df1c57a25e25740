import FoundationEssentials

/// Files by their paths from the root of the repository.
struct SourceTree: Sendable {
    var files: [String: String]

    /// Files below a folder, in order.
    func files(under folder: String, suffix: String = "") -> [(path: String, text: String)] {
        files.filter { $0.key.hasPrefix(folder) && $0.key.hasSuffix(suffix) }
            .map { (path: $0.key, text: $0.value) }
            .sorted { $0.path < $1.path }
    }
}

extension SourceTree {
    private static let folders = ["Sources", "Tests", "docs", "templates", "static", "env", "scripts", "proto"]
    private static let suffixes = [
        ".swift", ".c", ".cpp", ".h", ".modulemap", ".sql", ".md", ".mustache", ".css", ".proto", ".py", ".env",
        ".example",
    ]

    /// The repository, without these tests' own fixture.
    static func repository() throws -> SourceTree {
        var tree = SourceTree(files: [:])
        for folder in folders where FileManager.default.fileExists(atPath: "\(root)/\(folder)") {
            for (path, text) in try read("\(root)/\(folder)") where !path.contains("ArchitectureTests/Fixture/") {
                tree.files["\(folder)/\(path)"] = text
            }
        }
        for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Package.swift", "Makefile"] {
            if let content = FileManager.default.contents(atPath: "\(root)/\(name)") {
                tree.files[name] = String(decoding: content, as: UTF8.self)
            }
        }
        return tree
    }

    static func read(_ folder: String, suffixes: [String] = suffixes) throws -> [(String, String)] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).compactMap { path in
            guard suffixes.contains(where: path.hasSuffix),
                let content = FileManager.default.contents(atPath: "\(folder)/\(path)")
            else { return nil }
            return (path, String(decoding: content, as: UTF8.self))
        }
    }

    /// This file is three folders below the root.
    static let root = #filePath.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/\($1)" }
}
