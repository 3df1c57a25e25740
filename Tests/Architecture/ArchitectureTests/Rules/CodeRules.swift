extension Rule {
    /// The log and the descriptors are the ways out; `print` is buffered, and a crash loses it.
    static let printing = code(
        "print", "write to the log or to a descriptor", in: { $0.hasPrefix("Sources/") },
        where: { code, _ in code.contains(/(^|[^\w.])(print|debugPrint|dump)\(/) })

    /// A crash is no answer to an error.
    static let forcedTry = code(
        "forced-try", "handle the error", in: { $0.hasPrefix("Sources/") }, where: { code, _ in code.contains("try!") })

    /// Only a wrapper of C may promise what the compiler cannot see, and says why it holds.
    static let uncheckedSendable = Rule(name: "unchecked-sendable") { tree in
        tree.files(under: "Sources/", suffix: ".swift").flatMap { path, text -> [Violation] in
            let lines = SwiftLines(text).lines
            return lines.indices.compactMap { index in
                let code = lines[index].code
                guard code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)") else { return nil }
                let isExplained = lines[index].hasComment || index > 0 && lines[index - 1].hasComment
                if path.hasPrefix("Sources/Platform/"), isExplained { return nil }
                let reason = path.hasPrefix("Sources/Platform/") ? "say in a comment why it holds" : "only in Platform"
                return Violation(path: path, line: index + 1, rule: "unchecked-sendable", reason: reason)
            }
        }
    }

    /// A file has one job.
    static let fileLength = Rule(name: "file-length") { tree in
        tree.files(under: "", suffix: ".swift").compactMap { path, text in
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let count = lines.last == "" ? lines.count - 1 : lines.count
            guard count > 400 else { return nil }
            return Violation(path: path, line: 401, rule: "file-length", reason: "\(count) lines, of 400 at most")
        }
    }

    private static func code(
        _ name: String, _ reason: String, in isConcerned: @escaping @Sendable (String) -> Bool,
        where isBad: @escaping @Sendable (_ code: String, _ text: String) -> Bool
    ) -> Rule {
        Rule(name: name) { tree in
            tree.files(under: "", suffix: ".swift").filter { isConcerned($0.path) }.flatMap { path, text in
                SwiftLines(text).lines.enumerated().compactMap { index, line in
                    guard isBad(line.code, line.text) else { return nil }
                    return Violation(path: path, line: index + 1, rule: name, reason: reason)
                }
            }
        }
    }
}
