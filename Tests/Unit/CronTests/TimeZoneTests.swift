import FoundationEssentials
import Shared
import TestSupport
import Testing

@testable import Cron

@Suite("Cron expressions in time zones")
struct TimeZoneTests {
    private func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(text: text)) }

    private func ticks(_ text: String, _ zone: String, after start: String, _ count: Int) throws -> [String] {
        let (expression, rules) = (try CronExpression(text), try TimeZoneRules(named: zone))
        var last = try moment(start)
        return try (0..<count).map { _ in
            last = try #require(expression.next(after: last, in: rules))
            return last.description.replacing(":00.000Z", with: "Z")
        }
    }

    @Test("go by the clock of their zone through the year")
    func seasons() throws {
        let winter = try ticks("0 9 * * *", "Europe/Berlin", after: "2026-01-10T00:00:00Z", 1)
        #expect(winter == ["2026-01-10T08:00Z"])
        let summer = try ticks("0 9 * * *", "Europe/Berlin", after: "2026-07-10T00:00:00Z", 1)
        #expect(summer == ["2026-07-10T07:00Z"])
        let half = try ticks("0 9 * * *", "Asia/Kolkata", after: "2026-07-10T00:00:00Z", 1)
        #expect(half == ["2026-07-10T03:30Z"])
    }

    @Test("a time that is left out is due once, at the end of the gap")
    func gap() throws {
        // On 29 March 2026 Berlin goes from 02:00 to 03:00 at 01:00Z.
        let one = try ticks("30 2 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", 2)
        #expect(one == ["2026-03-29T01:00Z", "2026-03-30T00:30Z"])
        let several = try ticks("*/20 2 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", 2)
        #expect(several == ["2026-03-29T01:00Z", "2026-03-30T00:00Z"])
        let withThree = try ticks("0 2,3 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", 2)
        #expect(withThree == ["2026-03-29T01:00Z", "2026-03-30T00:00Z"])
    }

    @Test("of two equal times the first is due, if the hour is a certain one")
    func overlap() throws {
        // On 25 October 2026 Berlin goes from 03:00 to 02:00 at 01:00Z.
        let one = try ticks("30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z", 2)
        #expect(one == ["2026-10-25T00:30Z", "2026-10-26T01:30Z"])
        let fromBetween = try ticks("30 2 * * *", "Europe/Berlin", after: "2026-10-25T00:45:00Z", 1)
        #expect(fromBetween == ["2026-10-26T01:30Z"])
        let each = try ticks("*/30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z", 3)
        #expect(each == ["2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-26T01:00Z"])
    }

    @Test("what repeats all day follows the time that passes, through gap and overlap")
    func elapsed() throws {
        let gap = try ticks("15 * * * *", "Europe/Berlin", after: "2026-03-28T23:30:00Z", 4)
        #expect(gap == ["2026-03-29T00:15Z", "2026-03-29T01:15Z", "2026-03-29T02:15Z", "2026-03-29T03:15Z"])
        let overlap = try ticks("15 * * * *", "Europe/Berlin", after: "2026-10-24T23:30:00Z", 4)
        #expect(overlap == ["2026-10-25T00:15Z", "2026-10-25T01:15Z", "2026-10-25T02:15Z", "2026-10-25T03:15Z"])
        let evenHours = try ticks("0 */2 * * *", "Europe/Berlin", after: "2026-10-24T23:30:00Z", 3)
        #expect(evenHours == ["2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-25T03:00Z"])
    }

    @Test("a zone that moves by half an hour, and one that lost a whole day")
    func oddities() throws {
        // Lord Howe goes from 02:00 to 02:30 on 4 October 2026, which is at 15:30Z of the day before.
        let half = try ticks("15 2 * * *", "Australia/Lord_Howe", after: "2026-10-03T12:00:00Z", 2)
        #expect(half == ["2026-10-03T15:30Z", "2026-10-04T15:15Z"])
        // Samoa had no 30 December 2011: from -10 to +14 at 10:00Z.
        let day = try ticks("0 12 * * *", "Pacific/Apia", after: "2011-12-29T12:00:00Z", 3)
        #expect(day == ["2011-12-29T22:00Z", "2011-12-30T10:00Z", "2011-12-30T22:00Z"])
    }

    @Test("the rules go on after the last change of the file")
    func farFuture() throws {
        let summer = try ticks("0 9 * * *", "Europe/Berlin", after: "2085-07-10T00:00:00Z", 1)
        #expect(summer == ["2085-07-10T07:00Z"])
        let gap = try ticks("30 2 * 3 *", "Europe/Berlin", after: "2085-03-24T12:00:00Z", 1)
        #expect(gap == ["2085-03-25T01:00Z"])
        let south = try ticks("0 9 * * *", "America/Santiago", after: "2085-01-10T00:00:00Z", 1)
        #expect(south == ["2085-01-10T12:00Z"])
    }

    @Test(
        "no tick is lost or comes twice over a year of changes", arguments: ["America/New_York", "Africa/Casablanca"])
    func wholeYear(zone: String) throws {
        let rules = try TimeZoneRules(named: zone)
        let (hourly, daily) = (try CronExpression("0 * * * *"), try CronExpression("30 1 * * *"))
        let end = try moment("2027-01-01T00:00:00Z")
        var (tick, count) = (try moment("2026-01-01T00:00:00Z"), 0)
        while let next = hourly.next(after: tick, in: rules), next <= end {
            #expect(next - tick == .seconds(3_600))
            (tick, count) = (next, count + 1)
        }
        #expect(count == 8_760)
        (tick, count) = (try moment("2026-01-01T00:00:00Z"), 0)
        while let next = daily.next(after: tick, in: rules), next <= end { (tick, count) = (next, count + 1) }
        #expect(count == 365)
    }

    @Test("every zone of the system's database can be read")
    func allZones() throws {
        let table = try #require(FileManager.default.contents(atPath: "\(TimeZoneRules.systemDirectory)/tzdata.zi"))
        let lines = String(decoding: table, as: UTF8.self).split(separator: "\n")
        let names = lines.filter { $0.hasPrefix("Z ") }.compactMap { $0.split(separator: " ").dropFirst().first }
        #expect(names.count > 300)
        let noon = try moment("2026-06-15T12:00:00Z").seconds
        for name in names {
            let rules = try TimeZoneRules(named: String(name))
            #expect((-12 * 3_600...14 * 3_600).contains(rules.offset(at: noon)), "\(name)")
        }
    }

    @Test("UTC is there without a database")
    func utc() throws {
        #expect(try TimeZoneRules(named: "UTC", in: "/nowhere") == .utc)
        #expect(throws: TimeZoneError.unknown("Europe/Berlin")) {
            try TimeZoneRules(named: "Europe/Berlin", in: "/nowhere")
        }
    }

    @Test(
        "a name that is none is refused and never a path",
        arguments: ["Europe/Atlantis", "", "../zoneinfo/UTC", "/etc/passwd", "Europe", "Europe/Berlin ", "a//b"])
    func unknown(name: String) {
        #expect(throws: TimeZoneError.unknown(name)) { try TimeZoneRules(named: name) }
    }

    @Test("a damaged file is an error wherever it is cut or changed, and no crash")
    func damaged() async throws {
        let path = "\(TimeZoneRules.systemDirectory)/Europe/Berlin"
        let whole = Array(try #require(FileManager.default.contents(atPath: path)))
        #expect(TimeZoneFile(whole) != nil)
        for length in stride(from: 0, to: whole.count - 1, by: 7) {
            #expect(TimeZoneFile(Array(whole[..<length])) == nil, "cut at \(length)")
        }
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            var bytes = whole
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
            if let file = TimeZoneFile(bytes) { #expect(file.offsets.count == file.changes.count + 1) }
        }
        try await withTemporaryFolder { folder in
            try Data(whole.dropLast(20)).write(to: URL(filePath: "\(folder)/Broken"))
            #expect(throws: TimeZoneError.unreadable("Broken")) { try TimeZoneRules(named: "Broken", in: folder) }
        }
    }

    @Test(
        "the rule at a file's end is read in all its forms",
        arguments: [
            ("UTC0", 0, 0), ("<+0530>-5:30", 19_800, 19_800), ("EST5EDT,M3.2.0,M11.1.0", -18_000, -14_400),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7_200, -3_600), ("IST-1GMT0,M10.5.0,M3.5.0/1", 0, 3_600),
            ("XXT0YYT,J32,J300/3", 0, 3_600), ("XXT0YYT-2,31/0,299", 0, 7_200),
        ])
    func rules(_ text: String, _ january: Int64, _ july: Int64) throws {
        let rule = try #require(DaylightRule(text))
        #expect(rule.offset(at: try moment("2026-01-15T12:00:00Z").seconds) == january)
        #expect(rule.offset(at: try moment("2026-07-15T12:00:00Z").seconds) == july)
    }

    @Test(
        "what is no rule is refused",
        arguments: ["", "X5", "EST", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0", "EST200", "<+05-5"])
    func noRules(text: String) {
        #expect(DaylightRule(text) == nil)
    }
}
