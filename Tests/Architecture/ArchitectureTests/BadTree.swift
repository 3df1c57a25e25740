/// A tree in which every rule is broken, and where.
///
/// The files of Fixture end in `.txt`, so that nothing compiles or formats them. A line that breaks a rule says
/// `expect: name-of-the-rule`; if a comment of its own says so, the rules do not get to see that.
struct BadTree {
    var tree = SourceTree(files: [:])
    /// `path:line` by the name of the rule.
    var planted: [String: [String]] = [:]

    init() throws {
        let folder = "\(SourceTree.root)/Tests/Architecture/ArchitectureTests/Fixture"
        for (path, text) in try SourceTree.read(folder, suffixes: [".txt"]) {
            add(String(path.dropLast(".txt".count)), text)
        }
        add(
            "Sources/Platform/HTTP/Long.swift",
            String(repeating: "\n", count: 400) + "let last = 0 // expect: file-length")
        add("Sources/Platform/HTTP/LongEnough.swift", String(repeating: "let line = 0\n", count: 400))
    }

    private mutating func add(_ path: String, _ text: String) {
        var lines: [Substring] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for match in line.matches(of: /expect: ([a-z-]+)/) {
                planted[String(match.1), default: []].append("\(path):\(index + 1)")
            }
            let end = line.firstMatch(of: #/\s*(//|--) expect: /#)?.range.lowerBound ?? line.endIndex
            lines.append(line[..<end])
        }
        tree.files[path] = lines.joined(separator: "\n")
    }
}
