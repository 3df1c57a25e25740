extension Duration {
    /// Whole milliseconds, rounded towards zero.
    package var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// Whole seconds, rounded up: what `Retry-After` needs.
    package var secondsRoundedUp: Int64 {
        components.seconds + (components.attoseconds > 0 ? 1 : 0)
    }

    /// Reads `250ms`, `30s`, `15m`, `12h` or `30d`; nil for anything else, for zero and for over ten years.
    package init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), count > 0 else { return nil }
        let unitMilliseconds: Int64
        switch text.dropFirst(digits.count) {
        case "ms": unitMilliseconds = 1
        case "s": unitMilliseconds = 1_000
        case "m": unitMilliseconds = 60_000
        case "h": unitMilliseconds = 3_600_000
        case "d": unitMilliseconds = 86_400_000
        default: return nil
        }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unitMilliseconds)
        guard !overflow, milliseconds <= 3_650 * 86_400_000 else { return nil }
        self = .milliseconds(milliseconds)
    }

    /// Reads a duration of ISO 8601 of weeks or of days, hours, minutes and seconds, each of them 1 to 9,999: `P7D`,
    /// `P2W`, `P1DT12H`. Nil for anything else, also for years and months, which are not equally long.
    package init?(iso8601 text: String) {
        guard text.first == "P" else { return nil }
        let parts = text.dropFirst().split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard let date = parts.first, parts.count == 1 || !parts[1].isEmpty else { return nil }
        var rest = date
        var seconds: Int64 = 0
        if let weeks = Self.take("W", from: &rest) {
            guard rest.isEmpty, parts.count == 1 else { return nil }
            self = .seconds(weeks * 604_800)
            return
        }
        seconds += (Self.take("D", from: &rest) ?? 0) * 86_400
        guard rest.isEmpty else { return nil }
        rest = parts.count == 2 ? parts[1] : ""
        for (unit, length) in [("H", 3_600), ("M", 60), ("S", 1)] as [(Character, Int64)] {
            seconds += (Self.take(unit, from: &rest) ?? 0) * length
        }
        guard rest.isEmpty, seconds > 0 else { return nil }
        self = .seconds(seconds)
    }

    /// A number with its unit at the start of a text; nil, with nothing taken, if none is there.
    private static func take(_ unit: Character, from text: inout Substring) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard (1...4).contains(digits.count), digits.first != "0", text.dropFirst(digits.count).first == unit,
            let number = Int64(digits)
        else { return nil }
        text = text.dropFirst(digits.count + 1)
        return number
    }
}
