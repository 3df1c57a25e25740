import Testing

/// A rule of the architecture: a function from a tree to its violations.
struct Rule: Sendable, CustomTestStringConvertible {
    let name: String
    let violations: @Sendable (SourceTree) -> [Violation]

    var testDescription: String { name }

    static let all = [
        imports, neighbours, cImports, foundation, sqlPlace, tableOwner, printing, uncheckedSendable, forcedTry, emoji,
        openEnds, fileLength, decisionRecords,
    ]
}

struct Violation: Hashable, Sendable, CustomStringConvertible {
    let path: String
    /// From 1.
    let line: Int
    let rule: String
    let reason: String

    var description: String { "\(path):\(line): \(rule): \(reason)" }
}
