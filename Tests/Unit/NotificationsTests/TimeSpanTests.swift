import NotificationsDomain
import Testing

@Suite("Spans of time in words")
struct TimeSpanTests {
    @Test(
        "a span is a number of one unit, never more than there is",
        arguments: [
            (-5, 1, .minutes), (0, 1, .minutes), (59, 1, .minutes), (119, 1, .minutes), (600, 10, .minutes),
            (3_599, 59, .minutes), (3_600, 1, .hours), (3_660, 61, .minutes), (7_199, 119, .minutes),
            (7_200, 2, .hours), (86_400, 24, .hours), (90_000, 25, .hours), (259_199, 71, .hours),
            (259_200, 3, .days), (604_800, 7, .days), (650_000, 7, .days),
        ] as [(Int, Int, TimeSpan.Unit)])
    func span(seconds: Int, count: Int, unit: TimeSpan.Unit) {
        let span = TimeSpan(.seconds(seconds))
        #expect(span.count == count)
        #expect(span.unit == unit)
    }

    @Test("English tells one from all others")
    func english() {
        #expect((0...30).filter { PluralForm.of($0, locale: "en") == .one } == [1])
        #expect((0...30).allSatisfy { $0 == 1 || PluralForm.of($0, locale: "en-GB") == .other })
    }

    @Test("Indonesian has one form")
    func indonesian() {
        #expect((0...130).allSatisfy { PluralForm.of($0, locale: "id") == .other })
    }

    @Test(
        "Russian goes by the last digit, but for 11 to 14",
        arguments: [
            (.one, [1, 21, 31, 101, 121]), (.few, [2, 3, 4, 22, 23, 24, 102, 134]),
            (.many, [0, 5, 6, 9, 10, 11, 12, 13, 14, 15, 19, 20, 25, 100, 111, 112, 114, 211, 1_013]),
        ] as [(PluralForm, [Int])])
    func russian(form: PluralForm, counts: [Int]) {
        for count in counts {
            #expect(PluralForm.of(count, locale: "ru") == form, "\(count)")
            #expect(PluralForm.of(count, locale: "ru-RU") == form, "\(count)")
        }
    }

    @Test("a language that is not known tells one from many")
    func unknown() {
        #expect(PluralForm.of(1, locale: "xx") == .one)
        #expect(PluralForm.of(2, locale: "") == .other)
    }
}
