/// What holds for all years from now on: the text at the end of a TZif file, `CET-1CEST,M3.5.0,M10.5.0/3`
/// (POSIX.1-2024, section 8.3, with hours from -167 to 167).
struct DaylightRule: Sendable, Equatable {
    /// In seconds, east is positive.
    private let standard: Int64
    private let daylight: Daylight?

    private struct Daylight: Equatable {
        let offset: Int64
        let start: Change
        let end: Change
    }

    /// When the clocks change in each year.
    private struct Change: Equatable {
        enum Day: Equatable {
            /// Week 5 is the last one; day 0 is Sunday.
            case week(month: Int, week: Int, weekday: Int)
            /// 1 to 365, without 29 February.
            case julian(Int)
            /// 0 to 365, with 29 February.
            case zeroBased(Int)
        }

        let day: Day
        /// Seconds after midnight by the clock before the change.
        let time: Int64

        /// In seconds of local time.
        func local(in year: Int) -> Int64 {
            let newYear = CivilDate(year: year, month: 1, day: 1).dayNumber
            let dayNumber: Int64
            switch day {
            case .julian(let number):
                dayNumber = newYear + Int64(number) - (CivilDate.isLeap(year) && number >= 60 ? 0 : 1)
            case .zeroBased(let number):
                dayNumber = newYear + Int64(number)
            case .week(let month, let week, let weekday):
                let first = CivilDate(year: year, month: month, day: 1)
                let ahead = Int64((weekday - CivilDate.weekday(ofDayNumber: first.dayNumber) + 7) % 7)
                var day = first.dayNumber + ahead + Int64(week - 1) * 7
                while day >= first.firstOfNextMonth.dayNumber { day -= 7 }
                dayNumber = day
            }
            return dayNumber * CivilDate.secondsOfDay + time
        }
    }

    func offset(at moment: Int64) -> Int64 {
        guard let daylight else { return standard }
        let past = changes(around: moment, daylight).last { $0.moment <= moment }
        return past?.offset ?? standard
    }

    func change(after moment: Int64) -> Int64? {
        guard let daylight else { return nil }
        return changes(around: moment, daylight).first { $0.moment > moment }?.moment
    }

    private func changes(around moment: Int64, _ daylight: Daylight) -> [(moment: Int64, offset: Int64)] {
        let year = CivilDate(dayNumber: CivilDate.dayNumber(ofSeconds: moment)).year
        return (year - 1...year + 1).flatMap { year in
            [
                (moment: daylight.start.local(in: year) - standard, offset: daylight.offset),
                (moment: daylight.end.local(in: year) - daylight.offset, offset: standard),
            ]
        }.sorted { $0.moment < $1.moment }
    }

    /// Nil for a text that is none.
    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        guard Self.name(&rest), let west = Self.time(&rest) else { return nil }
        standard = -west
        guard !rest.isEmpty else {
            daylight = nil
            return
        }
        guard Self.name(&rest) else { return nil }
        var offset = standard + 3_600
        if rest.first != UInt8(ascii: ",") {
            guard let west = Self.time(&rest) else { return nil }
            offset = -west
        }
        guard let start = Self.change(&rest), let end = Self.change(&rest), rest.isEmpty else { return nil }
        daylight = Daylight(offset: offset, start: start, end: end)
    }

    /// `CET` or `<+03>`
    private static func name(_ rest: inout ArraySlice<UInt8>) -> Bool {
        if rest.first == UInt8(ascii: "<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            rest = rest[(end + 1)...]
            return true
        }
        let letters = rest.prefix { (0x61...0x7A).contains($0 | 0x20) }
        rest = rest.dropFirst(letters.count)
        return letters.count >= 3
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, _ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        let number = digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
        return range.contains(number) ? number : nil
    }

    private static func skip(_ character: Character, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == character.asciiValue else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// `5`, `-3:30` or `+1:02:03`, in seconds.
    private static func time(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        let isNegative = skip("-", &rest)
        if !isNegative { _ = skip("+", &rest) }
        guard let hours = number(&rest, 0...167) else { return nil }
        var seconds = hours * 3_600
        for unit in [60, 1] where skip(":", &rest) {
            guard let count = number(&rest, 0...59) else { return nil }
            seconds += count * unit
        }
        return Int64(isNegative ? -seconds : seconds)
    }

    /// `,M3.5.0/2`, `,J60` or `,59/-1`
    private static func change(_ rest: inout ArraySlice<UInt8>) -> Change? {
        guard skip(",", &rest) else { return nil }
        let day: Change.Day
        if skip("M", &rest) {
            guard let month = number(&rest, 1...12), skip(".", &rest), let week = number(&rest, 1...5),
                skip(".", &rest), let weekday = number(&rest, 0...6)
            else { return nil }
            day = .week(month: month, week: week, weekday: weekday)
        } else if skip("J", &rest) {
            guard let number = number(&rest, 1...365) else { return nil }
            day = .julian(number)
        } else {
            guard let number = number(&rest, 0...365) else { return nil }
            day = .zeroBased(number)
        }
        guard skip("/", &rest) else { return Change(day: day, time: 7_200) }
        return time(&rest).map { Change(day: day, time: $0) }
    }
}
