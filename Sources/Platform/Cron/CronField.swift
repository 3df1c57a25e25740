/// One of the five fields of a cron expression: which values match.
struct CronField: Sendable, Equatable {
    /// What a field may hold.
    struct Kind {
        let name: String
        let range: ClosedRange<Int>
        /// Three letters each, for the values from the lower bound on.
        let names: [String]

        static let minute = Kind(name: "minute", range: 0...59, names: [])
        static let hour = Kind(name: "hour", range: 0...23, names: [])
        static let day = Kind(name: "day of month", range: 1...31, names: [])
        static let month = Kind(
            name: "month", range: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
        /// 0 and 7 are Sunday.
        static let weekday = Kind(
            name: "day of week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
    }

    /// Bit n: n matches.
    private(set) var values: UInt64 = 0
    /// Whether it begins with `*`, with or without a step.
    let isWildcard: Bool

    func contains(_ value: Int) -> Bool { values & 1 << UInt64(value) != 0 }

    /// The least value from `start` on; nil if there is none.
    func first(from start: Int) -> Int? {
        guard start < 64 else { return nil }
        let rest = values >> UInt64(start)
        return rest == 0 ? nil : start + rest.trailingZeroBitCount
    }

    /// - Throws: `Problem`.
    init(_ text: Substring, _ kind: Kind) throws(Problem) {
        isWildcard = text.hasPrefix("*")
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !part.isEmpty else {
                throw Problem("\(kind.name): there is nothing before or after a comma in \"\(text)\"")
            }
            try add(part, kind)
        }
        if kind.range.upperBound == 7, contains(7) { values = values & ~(1 << 7) | 1 }
    }

    /// What is wrong with it.
    struct Problem: Error {
        let text: String

        init(_ text: String) {
            self.text = text
        }
    }

    private mutating func add(_ part: Substring, _ kind: Kind) throws(Problem) {
        let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
        guard pieces.count <= 2 else { throw Problem("\(kind.name): \"\(part)\" has more than one step") }
        let isRange = pieces[0] == "*" || pieces[0].contains("-")
        let range = try Self.range(pieces[0], kind)
        var step = 1
        if pieces.count == 2 {
            guard isRange else {
                throw Problem(
                    "\(kind.name): a step needs a range; write \(pieces[0])-\(kind.range.upperBound)/\(pieces[1])")
            }
            guard let number = Self.number(pieces[1]), number > 0 else {
                throw Problem("\(kind.name): the step \"\(pieces[1])\" is not a number above 0")
            }
            step = number
            let length = kind.range.upperBound - kind.range.lowerBound
            guard step <= length else {
                throw Problem("\(kind.name): the step \(step) is longer than the field, which goes to \(length)")
            }
        }
        for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
            values |= 1 << UInt64(value)
        }
    }

    private static func range(_ text: Substring, _ kind: Kind) throws(Problem) -> ClosedRange<Int> {
        // 7 is Sunday once more, which `*` would hold twice.
        if text == "*" { return kind.range.lowerBound...(kind.range.upperBound == 7 ? 6 : kind.range.upperBound) }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else { throw Problem("\(kind.name): \"\(text)\" is not a range") }
        let first = try value(ends[0], kind)
        guard ends.count == 2 else { return first...first }
        var last = try value(ends[1], kind)
        // `fri-sun` ends a week, `sun` as a beginning begins one.
        if kind.range.upperBound == 7, last == 0, first > 0 { last = 7 }
        guard first <= last else {
            throw Problem("\(kind.name): the range \"\(text)\" ends before it begins; write two ranges with a comma")
        }
        return first...last
    }

    private static func value(_ text: Substring, _ kind: Kind) throws(Problem) -> Int {
        if let index = kind.names.firstIndex(of: text.lowercased()) { return kind.range.lowerBound + index }
        guard let number = number(text) else {
            if let foreign = text.first(where: { "?LW#HC".contains($0) }), kind.names.isEmpty || text.count == 1 {
                throw Problem("\(kind.name): \"\(foreign)\" is an extension of other programs and not supported")
            }
            let names = kind.names.isEmpty ? "" : " or a name such as \(kind.names[1])"
            throw Problem("\(kind.name): \"\(text)\" is not a number\(names)")
        }
        guard kind.range.contains(number) else {
            throw Problem(
                "\(kind.name): \(number) is not between \(kind.range.lowerBound) and \(kind.range.upperBound)")
        }
        return number
    }

    /// At most four digits.
    private static func number(_ text: Substring) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
