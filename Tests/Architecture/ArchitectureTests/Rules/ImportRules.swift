/// An `import` line.
struct Import {
    let line: Int
    /// The attributes and the access level before `import`.
    let modifiers: [String]
    let module: String

    static func all(in source: String) -> [Import] {
        SwiftLines(source).lines.enumerated().flatMap { index, line in
            // Several statements may share a line.
            line.code.split(separator: ";").compactMap { statement in
                let words = statement.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
                guard let position = words.firstIndex(of: "import"), words.count > position + 1 else { return nil }
                let modifiers = Array(words[..<position])
                guard modifiers.allSatisfy({ $0.hasPrefix("@") || levels.contains($0) }) else { return nil }
                let isKind = kinds.contains(words[position + 1]) && words.count > position + 2
                let name = words[position + (isKind ? 2 : 1)]
                let module = name.split(separator: ".").first.map(String.init) ?? name
                return Import(line: index + 1, modifiers: modifiers, module: module)
            }
        }
    }

    private static let levels: Set = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
}

extension Rule {
    /// The table of imports.
    static let imports = Rule(name: "imports") { tree in
        let table = ImportTable(tree)
        return tree.files(under: "Sources/", suffix: ".swift").flatMap { path, text -> [Violation] in
            func violation(_ line: Int, _ reason: String) -> Violation {
                Violation(path: path, line: line, rule: "imports", reason: reason)
            }
            guard let owner = ImportTable.owner(of: path) else {
                return [violation(1, "the file belongs to no target of the layout")]
            }
            guard let allowed = table.allowed(owner) else {
                return [violation(1, "its target has no row in the table of imports")]
            }
            return Import.all(in: text).flatMap { statement -> [Violation] in
                var found: [Violation] = []
                if !allowed.contains(statement.module), !isFoundation(statement.module) {
                    found.append(violation(statement.line, "\(statement.module) is not for this target to import"))
                }
                if statement.modifiers.contains(where: { $0 == "@_exported" || $0 == "@testable" }) {
                    found.append(violation(statement.line, "this import goes around the walls"))
                }
                return found
            }
        }
    }

    /// Whom a module may ask is said in the manifest and in the page that explains it, so that no wall opens unseen.
    static let neighbours = Rule(name: "neighbours") { tree in
        let declared = ImportTable(tree).neighbours.filter { !$0.value.isEmpty }
        let path = "docs/architecture.md"
        let lines = tree.files[path, default: ""].split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            guard let told = line.firstMatch(of: /the Contract of declared neighbours \(([^)]*)\)/) else { continue }
            let rows = told.1.split(separator: ";").map { $0.split { !$0.isLetter && !$0.isNumber }.map(String.init) }
            let documented = Dictionary(grouping: rows.filter { !$0.isEmpty }) { $0[0] }.mapValues {
                Set($0.flatMap { $0.dropFirst() })
            }
            guard documented != declared else { return [] }
            let list = declared.sorted { $0.key < $1.key }.map {
                "\($0.key): \($0.value.sorted().joined(separator: ", "))"
            }
            let reason = "the manifest says \(list.joined(separator: "; "))"
            return [Violation(path: path, line: index + 1, rule: "neighbours", reason: reason)]
        }
        return [Violation(path: path, line: 1, rule: "neighbours", reason: "the table does not tell them")]
    }

    /// A C library is imported where it is wrapped and shown to nobody.
    static let cImports = Rule(name: "c-import") { tree in
        let wrapped = ImportTable.others.values.reduce(into: Set<String>()) { all, names in
            all.formUnion(names.filter { name in name.hasPrefix("C") && ImportTable.others[name] == nil })
        }
        return tree.files(under: "Sources/", suffix: ".swift").flatMap { path, text in
            Import.all(in: text).filter { wrapped.contains($0.module) && !$0.modifiers.contains("internal") }.map {
                Violation(path: path, line: $0.line, rule: "c-import", reason: "write `internal import \($0.module)`")
            }
        }
    }

    /// The whole of Foundation is large and slow to start.
    static let foundation = Rule(name: "foundation") { tree in
        tree.files(under: "Sources/", suffix: ".swift").flatMap { path, text in
            Import.all(in: text).filter { isFoundation($0.module) }.map {
                Violation(path: path, line: $0.line, rule: "foundation", reason: "import FoundationEssentials instead")
            }
        }
    }

    private static func isFoundation(_ module: String) -> Bool {
        module.hasPrefix("Foundation") && module != "FoundationEssentials"
    }
}
