/// A moment in UTC, to the millisecond.
package struct Timestamp: Hashable, Sendable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package init(seconds: Int64) {
        self.init(milliseconds: seconds * 1_000)
    }

    /// Whole seconds since 1970, rounded down: a JWT's NumericDate (RFC 7519 § 2).
    package var seconds: Int64 {
        milliseconds >= 0 ? milliseconds / 1_000 : (milliseconds - 999) / 1_000
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds + duration.wholeMilliseconds)
    }

    package static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds - duration.wholeMilliseconds)
    }

    /// The time from `right` to `left`.
    package static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}

extension Timestamp {
    /// More milliseconds than this the clocks of the processes of one installation are never apart while they are right.
    /// A number, because counting compares windows with it in every decision, and a `Duration` has 128 bits.
    private static let skewMax: Int64 = 10_000

    /// Whether this lies so far ahead of `now` that a clock which was ahead must have written it. What follows from it
    /// does not hold: else it would hold until that clock's date.
    package func isAhead(of now: Timestamp) -> Bool { self > now.latestCredible }

    /// The last moment that is not ahead of this one.
    package var latestCredible: Timestamp { Timestamp(milliseconds: milliseconds + Self.skewMax) }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T09:30:00.123Z`.
    package var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) { buffer in
            write(to: buffer)
            return Self.textLength
        }
    }

    /// Appends the same without a string.
    package func appendText(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.textLength) { buffer in
            write(to: buffer)
            bytes.append(contentsOf: buffer)
        }
    }

    private static let textLength = 24

    private func write(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        let parts = CivilTime(self)
        var index = 0
        func put(_ value: Int64, digits: Int, then separator: UInt8) {
            var rest = value
            for position in stride(from: index + digits - 1, through: index, by: -1) {
                buffer[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            buffer[index + digits] = separator
            index += digits + 1
        }
        put(parts.year, digits: 4, then: UInt8(ascii: "-"))
        put(parts.month, digits: 2, then: UInt8(ascii: "-"))
        put(parts.day, digits: 2, then: UInt8(ascii: "T"))
        put(parts.hour, digits: 2, then: UInt8(ascii: ":"))
        put(parts.minute, digits: 2, then: UInt8(ascii: ":"))
        put(parts.second, digits: 2, then: UInt8(ascii: "."))
        put(parts.millisecond, digits: 3, then: UInt8(ascii: "Z"))
    }
}

/// A timestamp's parts in the proleptic Gregorian calendar, UTC, for the years 0 to 9999.
private struct CivilTime {
    let year: Int64
    let month: Int64
    let day: Int64
    let hour: Int64
    let minute: Int64
    let second: Int64
    let millisecond: Int64

    /// Days to a date by eras of 400 years: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    init(_ timestamp: Timestamp) {
        let range = Int64(-62_167_219_200_000)...Int64(253_402_300_799_999)
        let milliseconds = min(max(timestamp.milliseconds, range.lowerBound), range.upperBound)
        let day = milliseconds >= 0 ? milliseconds / 86_400_000 : (milliseconds - 86_399_999) / 86_400_000
        let rest = milliseconds - day * 86_400_000
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1_000 % 60
        millisecond = rest % 1_000
    }
}
