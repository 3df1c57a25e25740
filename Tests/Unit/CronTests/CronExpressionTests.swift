import Shared
import Testing

@testable import Cron

@Suite("Cron expressions")
struct CronExpressionTests {
    /// The next moments in UTC, as `2026-01-31T23:59`.
    private func ticks(_ text: String, after start: String, _ count: Int = 3) throws -> [String] {
        let expression = try CronExpression(text)
        var moment = try #require(Timestamp(text: "\(start):00Z"))
        return try (0..<count).map { _ in
            moment = try #require(expression.next(after: moment, in: .utc))
            return String(moment.description.prefix(16))
        }
    }

    @Test(
        "are due at the moments that crontab(5) says",
        arguments: [
            ("* * * * *", "2026-01-31T23:58", ["2026-01-31T23:59", "2026-02-01T00:00", "2026-02-01T00:01"]),
            ("*/20 * * * *", "2026-01-01T00:00", ["2026-01-01T00:20", "2026-01-01T00:40", "2026-01-01T01:00"]),
            ("5 4 * * *", "2026-01-01T04:05", ["2026-01-02T04:05", "2026-01-03T04:05", "2026-01-04T04:05"]),
            ("0 9-17/4 * * 1-5", "2026-01-02T12:00", ["2026-01-02T13:00", "2026-01-02T17:00", "2026-01-05T09:00"]),
            ("15,45 0,12 * * *", "2026-01-01T00:15", ["2026-01-01T00:45", "2026-01-01T12:15", "2026-01-01T12:45"]),
            ("0 0 31 * *", "2026-01-31T00:00", ["2026-03-31T00:00", "2026-05-31T00:00", "2026-07-31T00:00"]),
            ("0 0 29 2 *", "2026-01-01T00:00", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
            ("0 0 29 FEB *", "2095-01-01T00:00", ["2096-02-29T00:00", "2104-02-29T00:00", "2108-02-29T00:00"]),
            ("30 6 * jan,Jul Mon", "2026-01-20T00:00", ["2026-01-26T06:30", "2026-07-06T06:30", "2026-07-13T06:30"]),
            ("0 0 * * 7", "2026-01-01T00:00", ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"]),
            ("0 0 * * fri-sun", "2026-01-01T00:00", ["2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00"]),
            ("0 0 * * sun-mon", "2026-01-01T00:00", ["2026-01-04T00:00", "2026-01-05T00:00", "2026-01-11T00:00"]),
            ("@hourly", "2026-01-01T00:30", ["2026-01-01T01:00", "2026-01-01T02:00", "2026-01-01T03:00"]),
            ("@daily", "2026-01-01T00:30", ["2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00"]),
            ("@Weekly", "2026-01-01T00:30", ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"]),
            ("@monthly", "2026-01-01T00:30", ["2026-02-01T00:00", "2026-03-01T00:00", "2026-04-01T00:00"]),
            ("@yearly", "2026-01-01T00:30", ["2027-01-01T00:00", "2028-01-01T00:00", "2029-01-01T00:00"]),
            ("\t0  3 1 *\t* ", "2026-01-01T03:00", ["2026-02-01T03:00", "2026-03-01T03:00", "2026-04-01T03:00"]),
        ])
    func moments(_ text: String, _ start: String, _ expected: [String]) throws {
        #expect(try ticks(text, after: start) == expected)
    }

    @Test("with both days restricted are due on either; a field that begins with * restricts nothing")
    func eitherDay() throws {
        let either = try ticks("0 0 13 * 5", after: "2026-03-01T00:00", 4)
        #expect(either == ["2026-03-06T00:00", "2026-03-13T00:00", "2026-03-20T00:00", "2026-03-27T00:00"])
        let thirteenth = try ticks("0 0 13 * *", after: "2026-03-01T00:00", 2)
        #expect(thirteenth == ["2026-03-13T00:00", "2026-04-13T00:00"])
        let odd = try ticks("0 0 */2 * 5", after: "2026-03-01T00:00", 2)
        #expect(odd == ["2026-03-13T00:00", "2026-03-27T00:00"])
    }

    @Test("29 February on a Monday comes once in a generation")
    func leapMonday() throws {
        #expect(try ticks("0 0 29 2 *", after: "2028-03-01T00:00", 1) == ["2032-02-29T00:00"])
        let expression = try CronExpression("0 0 */28 2 1")
        let next = try #require(expression.next(after: Timestamp(seconds: 1_790_000_000), in: .utc))
        #expect(next.description == "2027-02-01T00:00:00.000Z")
    }

    @Test("a tick is after the moment, also by a millisecond")
    func strictlyAfter() throws {
        let expression = try CronExpression("0 0 * * *")
        let midnight = Timestamp(seconds: 1_790_035_200)
        #expect(expression.next(after: midnight - .milliseconds(1), in: .utc) == midnight)
        #expect(expression.next(after: midnight, in: .utc) == midnight + .seconds(86_400))
        #expect(expression.next(after: midnight + .milliseconds(1), in: .utc) == midnight + .seconds(86_400))
    }

    @Test("the latest tick of a span is found without counting all of them")
    func latest() throws {
        let minutely = try CronExpression("* * * * *")
        let start = Timestamp(seconds: 1_790_000_030)
        #expect(minutely.latest(after: start, upTo: start + .seconds(9), in: .utc) == nil)
        let end = start + .seconds(20 * 366 * 86_400)
        #expect(minutely.latest(after: start, upTo: end, in: .utc) == end - .seconds(end.seconds % 60))
        let yearly = try CronExpression("@yearly")
        let latest = yearly.latest(after: start, upTo: end, in: .utc)
        #expect(latest?.description == "2046-01-01T00:00:00.000Z")
    }

    @Test(
        "what is wrong is said by its place",
        arguments: [
            ("", "it has 0 fields instead of 5 (minute, hour, day of month, month, day of week)"),
            ("* * * *", "it has 4 fields instead of 5 (minute, hour, day of month, month, day of week)"),
            (
                "0 * * * * *",
                "it has 6 fields instead of 5 (minute, hour, day of month, month, day of week); "
                    + "there is no field for seconds or years"
            ),
            ("60 * * * *", "minute: 60 is not between 0 and 59"),
            ("* 24 * * *", "hour: 24 is not between 0 and 23"),
            ("* * 0 * *", "day of month: 0 is not between 1 and 31"),
            ("* * * 13 *", "month: 13 is not between 1 and 12"),
            ("* * * * 8", "day of week: 8 is not between 0 and 7"),
            ("x * * * *", #"minute: "x" is not a number"#),
            ("* * * foo *", #"month: "foo" is not a number or a name such as feb"#),
            ("-1 * * * *", #"minute: "" is not a number"#),
            ("1.5 * * * *", #"minute: "1.5" is not a number"#),
            ("1,,2 * * * *", #"minute: there is nothing before or after a comma in "1,,2""#),
            ("5/15 * * * *", "minute: a step needs a range; write 5-59/15"),
            ("*/0 * * * *", #"minute: the step "0" is not a number above 0"#),
            ("*/60 * * * *", "minute: the step 60 is longer than the field, which goes to 59"),
            ("*/5/2 * * * *", #"minute: "*/5/2" has more than one step"#),
            ("30-10 * * * *", #"minute: the range "30-10" ends before it begins; write two ranges with a comma"#),
            ("1-2-3 * * * *", #"minute: "1-2-3" is not a range"#),
            ("0 0 L * *", #"day of month: "L" is an extension of other programs and not supported"#),
            ("0 0 ? * *", #"day of month: "?" is an extension of other programs and not supported"#),
            ("0 0 31 2,4 *", "it is never due: no month of it has such a day"),
            (
                "@reboot",
                "there is no @reboot; there are @annually, @daily, @hourly, @midnight, @monthly, @weekly, @yearly"
            ),
            (
                "@daily 5",
                "there is no @daily; there are @annually, @daily, @hourly, @midnight, @monthly, @weekly, @yearly"
            ),
        ])
    func problems(_ text: String, _ problem: String) throws {
        #expect(throws: CronError(expression: text, problem: problem)) { try CronExpression(text) }
    }

    @Test("an error names the whole expression")
    func description() throws {
        let error = #expect(throws: CronError.self) { try CronExpression("61 * * * *") }
        #expect(
            error?.description == #"the cron expression "61 * * * *" is wrong: minute: 61 is not between 0 and 59"#)
    }
}
