extension Rule {
    /// No picture characters, in no file.
    static let emoji = Rule(name: "emoji") { tree in
        lines(of: tree, rule: "emoji", reason: "write it in words, or escaped in a test") { line in
            line.unicodeScalars.contains {
                $0.value > 0x7F && ($0.properties.isEmojiPresentation || $0.value == 0xFE0F)
            }
        }
    }

    /// What is open is said in an issue. These tests must name the words.
    static let openEnds = Rule(name: "open-end") { tree in
        var tree = tree
        tree.files = tree.files.filter { !$0.key.hasPrefix("Tests/Architecture/") }
        return lines(of: tree, rule: "open-end", reason: "finish it or open an issue") { line in
            ["TODO", "FIXME", "XXX"].contains { line.contains($0) } && line.contains(/\b(TODO|FIXME|XXX)\b/)
        }
    }

    /// Decision records are numbered once.
    static let decisionRecords = Rule(name: "decision-record") { tree in
        var seen: [Substring: String] = [:]
        var found: [Violation] = []
        for (path, _) in tree.files(under: "docs/adr/") where !path.hasSuffix("/README.md") {
            let name = path.dropFirst("docs/adr/".count)
            func violation(_ reason: String) -> Violation {
                Violation(path: path, line: 1, rule: "decision-record", reason: reason)
            }
            if name.wholeMatch(of: /\d{4}-[a-z0-9-]+\.md/) == nil {
                found.append(violation("its name is not NNNN-title.md"))
            } else if let first = seen[name.prefix(4)] {
                found.append(violation("\(first) has this number"))
            } else {
                seen[name.prefix(4)] = path
            }
        }
        return found
    }

    private static func lines(
        of tree: SourceTree, rule: String, reason: String, where isBad: (Substring) -> Bool
    ) -> [Violation] {
        tree.files(under: "").flatMap { path, text in
            text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
                isBad(line) ? Violation(path: path, line: index + 1, rule: rule, reason: reason) : nil
            }
        }
    }
}
