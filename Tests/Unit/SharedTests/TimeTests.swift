import Shared
import TestSupport
import Testing

@Suite("Times and durations")
struct TimeTests {
    @Test(
        "a moment is written by RFC 3339",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (1_795_253_400_123, "2026-11-21T09:30:00.123Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func rfc3339(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test("moments beyond the calendar are written as its ends", arguments: [Int64.min, .max])
    func extremes(_ milliseconds: Int64) {
        let text = Timestamp(milliseconds: milliseconds).description
        #expect(text == (milliseconds < 0 ? "0000-01-01T00:00:00.000Z" : "9999-12-31T23:59:59.999Z"))
    }

    @Test("every day of 800 years follows the one before")
    func everyDay() {
        let monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var (year, month, day) = (1_600, 1, 1)
        let start = Int64(-11_676_096_000)
        for number in 0..<292_194 as Range<Int64> {
            let text = Timestamp(seconds: start + number * 86_400).description
            let expected = "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)T"
            guard text.hasPrefix(expected) else {
                Issue.record("\(text) instead of \(expected)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            day += 1
            if day > monthDays[month - 1] + (month == 2 && isLeap ? 1 : 0) { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect(year == 2_400)
    }

    @Test("whole seconds are rounded down, also before 1970")
    func seconds() {
        #expect(Timestamp(milliseconds: 1_999).seconds == 1)
        #expect(Timestamp(milliseconds: -1).seconds == -1)
        #expect(Timestamp(milliseconds: -1_000).seconds == -1)
        #expect(Timestamp(milliseconds: -1_001).seconds == -2)
    }

    @Test("a moment and a duration make a moment, two moments a duration")
    func arithmetic() {
        let moment = Timestamp(milliseconds: 5_000)
        #expect(moment + .milliseconds(1) == Timestamp(milliseconds: 5_001))
        #expect(moment - .seconds(6) == Timestamp(milliseconds: -1_000))
        #expect(moment - Timestamp(milliseconds: 7_500) == .milliseconds(-2_500))
        #expect(Timestamp(milliseconds: 1) < moment)
    }

    @Test(
        "durations are a count and a unit",
        arguments: [
            ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("15m", .seconds(900)), ("12h", .seconds(43_200)),
            ("3650d", .seconds(315_360_000)),
        ] as [(String, Duration)])
    func durations(_ text: String, _ duration: Duration) {
        #expect(Duration(text: text) == duration)
    }

    @Test(
        "anything else is no duration",
        arguments: [
            "", "5", "s", "0s", "-5s", "+5s", "5 s", "5S", "1.5h", "1h30m", "3651d", "9999999999999999999s",
            "\u{0665}s", "5w",
        ])
    func notDurations(_ text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test("seconds for a header are rounded up, milliseconds towards zero")
    func rounding() {
        #expect(Duration.milliseconds(1).secondsRoundedUp == 1)
        #expect(Duration.seconds(2).secondsRoundedUp == 2)
        #expect(Duration.zero.secondsRoundedUp == 0)
        #expect(Duration.microseconds(1_999).wholeMilliseconds == 1)
    }

    @Test(
        "sizes are a count and a unit",
        arguments: [("512", 512), ("64KiB", 65_536), ("10MiB", 10 << 20), ("1024GiB", 1 << 40)])
    func sizes(_ text: String, _ bytes: Int) {
        #expect(ByteCount(text: text)?.bytes == bytes)
    }

    @Test(
        "anything else is no size",
        arguments: ["", "0", "-1", "1KB", "1 KiB", "1kib", "1025GiB", "99999999999999999999", "1.5MiB", "KiB"])
    func notSizes(_ text: String) {
        #expect(ByteCount(text: text) == nil)
    }

    @Test("the machine's clock goes on and is after the making of this test")
    func systemClock() {
        let first = SystemWallClock().now
        #expect(first > Timestamp(seconds: 1_700_000_000))
        #expect(SystemWallClock().now >= first)
    }
}
