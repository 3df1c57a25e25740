import Assets

/// The passwords that attackers try first, as lines in the order of their bytes, searched where they are.
struct CommonPasswords: Sendable {
    /// The list that is part of the program: at least 8 characters, in lower case.
    static let shipped = CommonPasswords(lines: Assets.bytes("passwords/common.txt") ?? [])

    private let lines: [UInt8]

    /// - Parameter lines: sorted by their bytes, each with a line feed at its end.
    init(lines: [UInt8]) {
        self.lines = lines
    }

    /// - Parameter lowercased: a password in lower case.
    func contains(_ lowercased: String) -> Bool {
        let wanted = Array(lowercased.utf8)
        // A half-open range of bytes that begins and ends at a line's start.
        var low = 0
        var high = lines.count
        while low < high {
            let start = lineStart(before: (low + high) / 2, from: low)
            let end = lineEnd(after: start)
            let line = lines[start..<end]
            if line.elementsEqual(wanted) { return true }
            if line.lexicographicallyPrecedes(wanted) { low = end + 1 } else { high = start }
        }
        return false
    }

    private func lineStart(before position: Int, from low: Int) -> Int {
        var start = position
        while start > low, lines[start - 1] != Self.lineFeed { start -= 1 }
        return start
    }

    private func lineEnd(after start: Int) -> Int {
        var end = start
        while lines[end] != Self.lineFeed { end += 1 }
        return end
    }

    private static let lineFeed = UInt8(ascii: "\n")
}
