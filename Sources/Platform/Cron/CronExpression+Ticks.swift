import Shared

/// The moments at which an expression is due.
///
/// Where the clocks change, it goes by the rules of Vixie's cron: an expression whose hour begins with `*` follows the
/// time that passes, so it is due in both of two equal hours and not in one that is left out. One with certain hours is
/// due once for each date: in the first of two equal hours, and for times that are left out once, at the end of the gap.
extension CronExpression {
    /// The first moment after `moment`; nil if there is none in 40 years.
    package func next(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        let seconds =
            repeatsHourly ? nextByElapsedTime(after: moment.seconds, zone) : nextByDate(after: moment.seconds, zone)
        return seconds.map { Timestamp(seconds: $0) }
    }

    /// The last moment after `moment` and not after `end`; nil if there is none.
    package func latest(after moment: Timestamp, upTo end: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        // Back from the end in growing steps, so that a year of minutes is not counted.
        for span in Self.spans {
            let start = max(moment, end - span)
            var latest: Timestamp?
            while let tick = next(after: latest ?? start, in: zone), tick <= end { latest = tick }
            if let latest { return latest }
            if start == moment { return nil }
        }
        return nil
    }

    private static let spans: [Duration] = [3_600, 86_400, 32 * 86_400, 367 * 86_400, 41 * 366 * 86_400]
        .map { .seconds($0) }

    private func nextByDate(after seconds: Int64, _ zone: TimeZoneRules) -> Int64? {
        var local = seconds + zone.offset(at: seconds)
        while let match = firstMatch(from: local) {
            let instant = zone.firstInstant(ofLocal: match)
            if instant > seconds { return instant }
            local = match + 60
        }
        return nil
    }

    private func nextByElapsedTime(after seconds: Int64, _ zone: TimeZoneRules) -> Int64? {
        // Within a span of one offset local time passes as time does.
        var start = seconds + 1
        while true {
            let offset = zone.offset(at: start)
            guard let match = firstMatch(from: start + offset) else { return nil }
            let instant = match - offset
            guard let change = zone.change(after: start), instant >= change else { return instant }
            start = change
        }
    }
}
