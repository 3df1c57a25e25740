import AccessDomain
import Shared
import TestSupport
import Testing

@Suite("Windows of time")
struct TimeWindowTests {
    private func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(text: text)) }

    @Test(
        "a window holds its moment, from a whole unit to the next, in UTC",
        arguments: [
            (.second, "2026-11-21T09:30:15.999Z", "2026-11-21T09:30:15Z", "2026-11-21T09:30:16Z"),
            (.minute, "2026-11-21T09:30:59.999Z", "2026-11-21T09:30:00Z", "2026-11-21T09:31:00Z"),
            (.day, "2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
            (.day, "2026-11-21T23:59:59.999Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
            (.month, "2026-11-30T23:59:59.999Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
            (.month, "2026-12-31T12:00:00Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            (.month, "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
            (.month, "2100-02-28T12:00:00Z", "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z"),
            (.month, "1969-12-31T23:59:59.999Z", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            (.day, "1969-12-31T23:59:59.999Z", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z"),
        ] as [(WindowUnit, String, String, String)])
    func bounds(_ unit: WindowUnit, _ now: String, _ start: String, _ end: String) throws {
        let window = unit.window(at: try moment(now))
        #expect(window == TimeWindow(start: try moment(start), end: try moment(end)))
        #expect(window.contains(try moment(now)))
        #expect(!window.contains(window.end))
    }

    @Test("a day and a month begin at local midnight")
    func offset() throws {
        let now = try moment("2026-11-30T18:30:00Z")
        let day = WindowUnit.day.window(at: now, offset: 7 * 3_600)
        #expect(day.start == (try moment("2026-12-01T00:00:00+07:00")))
        #expect(day.end == (try moment("2026-12-02T00:00:00+07:00")))
        let month = WindowUnit.month.window(at: now, offset: 7 * 3_600)
        #expect(month.start == (try moment("2026-12-01T00:00:00+07:00")))
        #expect(month.end == (try moment("2027-01-01T00:00:00+07:00")))
        let west = WindowUnit.day.window(at: now, offset: -19 * 3_600)
        #expect(west.start == (try moment("2026-11-29T19:00:00Z")))
    }

    @Test("over 400 years, the months follow one another without a gap, each 28 to 31 days long")
    func months() throws {
        var window = WindowUnit.month.window(at: try moment("1999-12-15T00:00:00Z"))
        for _ in 0..<4_800 {
            let next = WindowUnit.month.window(at: window.end)
            #expect(next.start == window.end)
            #expect((28...31).contains(next.seconds / 86_400) && next.seconds % 86_400 == 0)
            #expect(next.start.description.hasSuffix("-01T00:00:00.000Z"))
            window = next
        }
        #expect(window.start.description.hasPrefix("2399-12-01"))
    }

    @Test("the windows of random moments hold them and touch their neighbours")
    func random() {
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<2_000 {
            let now = Timestamp(
                milliseconds: Int64.random(in: -60_000_000_000_000...200_000_000_000_000, using: &generator))
            let offset = Int.random(in: -64_800...64_800, using: &generator)
            for unit in WindowUnit.allCases {
                let window = unit.window(at: now, offset: offset)
                #expect(window.contains(now), "\(now) \(unit) \(offset)")
                #expect(unit.window(at: window.start, offset: offset) == window)
                #expect(unit.window(at: window.end - .milliseconds(1), offset: offset) == window)
                #expect(unit.window(at: window.end, offset: offset).start == window.end)
            }
        }
    }

    @Test("what is left of a window is rounded up to seconds, and never negative")
    func left() throws {
        let window = WindowUnit.day.window(at: try moment("2026-11-21T09:30:00Z"))
        #expect(window.seconds == 86_400)
        #expect(window.secondsLeft(at: window.end - .milliseconds(1)) == 1)
        #expect(window.secondsLeft(at: window.end - .milliseconds(1_001)) == 2)
        #expect(window.secondsLeft(at: window.start) == 86_400)
        #expect(window.secondsLeft(at: window.end) == 0)
        #expect(window.secondsLeft(at: window.end + .seconds(9)) == 0)
    }
}
