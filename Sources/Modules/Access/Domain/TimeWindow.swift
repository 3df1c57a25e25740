import Shared

/// A span of time for which use is counted. Its bounds are fixed when it opens.
package struct TimeWindow: Sendable, Hashable {
    /// The first moment inside.
    package let start: Timestamp
    /// The first moment behind it.
    package let end: Timestamp

    package init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    package func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < end }

    /// Whether nothing is counted here any more: its time has passed, or it was opened by a clock that was ahead.
    package func isOver(at now: Timestamp) -> Bool { now >= end || start.isAhead(of: now) }

    /// In whole seconds, at least 1: the `w` of `RateLimit-Policy`.
    package var seconds: Int { max(1, Int((end.milliseconds - start.milliseconds) / 1_000)) }

    /// Until the window ends: whole seconds, rounded up, never negative and never longer than the window.
    package func secondsLeft(at now: Timestamp) -> Int {
        min(seconds, max(0, Int((end.milliseconds - now.milliseconds + 999) / 1_000)))
    }
}

/// How long a window is.
package enum WindowUnit: String, Sendable, Hashable, CaseIterable {
    case second
    case minute
    case day
    case month

    /// The window of a moment.
    ///
    /// - Parameter offset: of the local time of the one who is counted, in seconds east of UTC (-64,800 to 64,800),
    ///   as it is at `now`. Until tenants have time zones it is 0.
    package func window(at now: Timestamp, offset: Int = 0) -> TimeWindow {
        switch self {
        case .second: Self.whole(1_000, now, 0)
        case .minute: Self.whole(60_000, now, 0)
        case .day: Self.whole(Self.dayMilliseconds, now, Int64(offset) * 1_000)
        case .month: Self.monthWindow(now, Int64(offset) * 1_000)
        }
    }

    private static let dayMilliseconds: Int64 = 86_400_000

    private static func whole(_ length: Int64, _ now: Timestamp, _ offset: Int64) -> TimeWindow {
        let start = floor(now.milliseconds + offset, length) * length - offset
        return TimeWindow(start: Timestamp(milliseconds: start), end: Timestamp(milliseconds: start + length))
    }

    private static func monthWindow(_ now: Timestamp, _ offset: Int64) -> TimeWindow {
        let month = CivilMonth(day: floor(now.milliseconds + offset, dayMilliseconds))
        func moment(_ day: Int64) -> Timestamp { Timestamp(milliseconds: day * dayMilliseconds - offset) }
        return TimeWindow(start: moment(month.firstDay), end: moment(month.next.firstDay))
    }

    /// The quotient rounded down, also before 1970.
    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }
}

/// A month of the proleptic Gregorian calendar. Days are counted from 1970-01-01: Howard Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms".
struct CivilMonth: Sendable, Equatable {
    let year: Int64
    /// 1 to 12.
    let month: Int64

    init(year: Int64, month: Int64) {
        self.year = year
        self.month = month
    }

    /// The month of a day.
    init(day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var next: CivilMonth {
        month == 12 ? CivilMonth(year: year + 1, month: 1) : CivilMonth(year: year, month: month + 1)
    }

    var firstDay: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
