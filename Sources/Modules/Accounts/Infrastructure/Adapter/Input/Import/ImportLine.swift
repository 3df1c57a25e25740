/// A line as it was read.
package enum ImportLine: Sendable, Equatable {
    /// Without its line feed.
    case bytes([UInt8])
    /// Of more bytes than `byteCountMax`.
    case tooLong

    package static let byteCountMax = 65_536
}

/// What is wrong with a line. Never quotes a value.
package struct ImportProblem: Sendable, Equatable {
    /// From 1.
    package let line: Int
    /// Nil if it is about the whole line.
    package let field: String?
    package let message: String
}

extension ImportProblem: CustomStringConvertible {
    package var description: String {
        ["line \(line)", field, message].compactMap { $0 }.joined(separator: ": ")
    }
}

/// How a run went; each line that is not blank counts once.
package struct ImportSummary: Sendable, Equatable {
    package var lines = 0
    package var created = 0
    /// How many of them wait for the proof of their address.
    package var unverified = 0
    /// The address was there before.
    package var skipped = 0
    package var failed = 0
}

/// The run could not go on. What came before `nextLine` is done.
package struct ImportInterrupted: Error {
    package let nextLine: Int
    package let cause: any Error
}
