extension Timestamp {
    /// Reads RFC 3339 § 5.6: `2026-11-21T09:30:00Z`, `2026-11-21 09:30:00.123456+07:00`. What is finer than
    /// milliseconds is cut off.
    ///
    /// - Returns: nil for anything else, also for a day that the month does not have and for a leap second.
    package init?(text: String) {
        var reader = TimestampReader(rest: Array(text.utf8)[...])
        guard let milliseconds = reader.moment(), reader.rest.isEmpty else { return nil }
        self.init(milliseconds: milliseconds)
    }
}

private struct TimestampReader {
    var rest: ArraySlice<UInt8>

    mutating func moment() -> Int64? {
        guard let year = number(4, in: 0...9_999), take("-"), let month = number(2, in: 1...12), take("-"),
            let day = number(2, in: 1...Self.dayCount(of: month, in: year)), take("T") || take("t") || take(" "),
            let hour = number(2, in: 0...23), take(":"), let minute = number(2, in: 0...59), take(":"),
            let second = number(2, in: 0...59), let millisecond = fraction(), let offset = offset()
        else { return nil }
        let seconds = Self.days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
        return (seconds - offset) * 1_000 + millisecond
    }

    /// Milliseconds; zero if there is no fraction.
    private mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        let three = digits.prefix(3) + [UInt8](repeating: UInt8(ascii: "0"), count: max(0, 3 - digits.count))
        return three.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// Seconds east of UTC.
    private mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = number(2, in: 0...23), take(":"), let minutes = number(2, in: 0...59) else { return nil }
        return sign * (hours * 3_600 + minutes * 60)
    }

    private mutating func number(_ count: Int, in range: ClosedRange<Int64>) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        let number = digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        rest = rest.dropFirst(count)
        return range.contains(number) ? number : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func dayCount(of month: Int64, in year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month - 1)]
    }

    /// Days since 1970-01-01: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Timestamp: Codable {
    /// RFC 3339 text.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let moment = Timestamp(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time")
        }
        self = moment
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
