import Shared

/// How a run went, with what was wrong.
package struct ImportReport: Sendable, Equatable {
    package static let problemsMax = 100

    package let summary: ImportSummary
    /// In the order of the lines, at most `problemsMax`.
    package let problems: [ImportProblem]
    /// There are more than those.
    package let hasMoreProblems: Bool

    package init(summary: ImportSummary, problems: [ImportProblem], hasMoreProblems: Bool) {
        self.summary = summary
        self.problems = problems
        self.hasMoreProblems = hasMoreProblems
    }
}

/// How a run went; each line that is not blank counts once.
package struct ImportSummary: Sendable, Equatable {
    package var lines: Int
    package var created: Int
    /// How many of them wait for the proof of their address.
    package var unverified: Int
    /// How many of them took the place of an account whose address nobody had proved.
    package var replaced: Int
    /// How many of them have a hash with which each sign-in takes about half a second of one core or more.
    package var costly: Int
    /// The address was there before.
    package var skipped: Int
    package var failed: Int

    package init(
        lines: Int = 0, created: Int = 0, unverified: Int = 0, replaced: Int = 0, costly: Int = 0, skipped: Int = 0,
        failed: Int = 0
    ) {
        self.lines = lines
        self.created = created
        self.unverified = unverified
        self.replaced = replaced
        self.costly = costly
        self.skipped = skipped
        self.failed = failed
    }
}

/// What is wrong with a line. Never quotes a value.
package struct ImportProblem: Sendable, Equatable {
    package enum Code: String, Sendable, CaseIterable {
        case lineTooLong = "line_too_long"
        case notJSON = "not_json"
        case notAnObject = "not_an_object"
        case unknownField = "unknown_field"
        case invalidField = "invalid_field"
    }

    /// From 1.
    package let line: Int
    /// Nil if it is about the whole line.
    package let field: String?
    package let code: Code
    /// For people; may change.
    package let message: String

    package init(line: Int, field: String?, code: Code, message: String) {
        self.line = line
        self.field = field
        self.code = code
        self.message = message
    }
}

extension ImportProblem: CustomStringConvertible {
    package var description: String {
        ["line \(line)", field, message].compactMap { $0 }.joined(separator: ": ")
    }
}
