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
}
