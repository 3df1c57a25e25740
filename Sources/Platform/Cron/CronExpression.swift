/// When something is due, in the five fields of cron(5): minute, hour, day of month, month, day of week.
///
/// A field is `*`, a number, a range `1-5`, either range with a step (`*/15`, `8-18/2`), or several of them with
/// commas. Months and days of the week have English names of three letters; Sunday is 0 and 7. If both the day of month
/// and the day of week are restricted, either is enough; a field that begins with `*` is not restricted. `@hourly`,
/// `@daily` (`@midnight`), `@weekly`, `@monthly`, `@yearly` (`@annually`) stand for expressions.
package struct CronExpression: Sendable, Equatable, CustomStringConvertible {
    /// As it was written.
    package let description: String
    private let minutes: CronField
    private let hours: CronField
    private let days: CronField
    private let months: CronField
    private let weekdays: CronField

    /// A date that never comes is not looked for beyond that: 29 February on a certain day of the week comes within 40
    /// years.
    private static let daysMax = 15_000

    private static let macros = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// - Throws: `CronError`, which says what is wrong and where.
    package init(_ text: String) throws(CronError) {
        func failure(_ problem: String) -> CronError { CronError(expression: text, problem: problem) }
        var fields = text.split { $0 == " " || $0 == "\t" }
        if let first = fields.first, first.hasPrefix("@") {
            guard fields.count == 1, let meaning = Self.macros[first.lowercased()] else {
                throw failure("there is no \(first); there are \(Self.macros.keys.sorted().joined(separator: ", "))")
            }
            fields = meaning.split(separator: " ")
        }
        guard fields.count == 5 else {
            let hint = fields.count == 6 ? "; there is no field for seconds or years" : ""
            throw failure(
                "it has \(fields.count) fields instead of 5 (minute, hour, day of month, month, day of week)\(hint)")
        }
        do {
            minutes = try CronField(fields[0], .minute)
            hours = try CronField(fields[1], .hour)
            days = try CronField(fields[2], .day)
            months = try CronField(fields[3], .month)
            weekdays = try CronField(fields[4], .weekday)
        } catch {
            throw failure(error.text)
        }
        description = text
        guard firstMatch(from: CivilDate(year: 2000, month: 1, day: 1).dayNumber * CivilDate.secondsOfDay) != nil else {
            throw failure("it is never due: no month of it has such a day")
        }
    }

    /// Whether it repeats all day long, so that it follows the time that passes rather than the clock on the wall.
    var repeatsHourly: Bool { hours.isWildcard }

    /// The first matching minute of local time from a moment on; see `CivilDate`.
    func firstMatch(from local: Int64) -> Int64? {
        let start = local + 59
        var day = CivilDate.dayNumber(ofSeconds: start)
        var minute = Int(start - day * CivilDate.secondsOfDay) / 60
        let last = day + Int64(Self.daysMax)
        while day <= last {
            let date = CivilDate(dayNumber: day)
            if !months.contains(date.month) {
                (day, minute) = (date.firstOfNextMonth.dayNumber, 0)
                continue
            }
            if matches(date, day), let time = firstTime(from: minute) {
                return day * CivilDate.secondsOfDay + Int64(time) * 60
            }
            (day, minute) = (day + 1, 0)
        }
        return nil
    }

    private func matches(_ date: CivilDate, _ dayNumber: Int64) -> Bool {
        let isDay = days.contains(date.day)
        let isWeekday = weekdays.contains(CivilDate.weekday(ofDayNumber: dayNumber))
        return days.isWildcard || weekdays.isWildcard ? isDay && isWeekday : isDay || isWeekday
    }

    /// In minutes of the day.
    private func firstTime(from minuteOfDay: Int) -> Int? {
        guard minuteOfDay < 1_440 else { return nil }
        let hour = minuteOfDay / 60
        if hours.contains(hour), let minute = minutes.first(from: minuteOfDay % 60) { return hour * 60 + minute }
        guard let later = hours.first(from: hour + 1), let minute = minutes.first(from: 0) else { return nil }
        return later * 60 + minute
    }
}
