import Shared
import Testing

@Suite("Reading a timestamp")
struct TimestampParsingTests {
    @Test(
        "takes what RFC 3339 allows",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T09:30:00.123Z", 1_795_253_400_123),
            ("2026-11-21T16:30:00.123+07:00", 1_795_253_400_123),
            ("2026-11-21 04:00:00.123999-05:30", 1_795_253_400_123),
            ("2026-11-21t09:30:00.1z", 1_795_253_400_100), ("2024-02-29T23:59:59Z", 1_709_251_199_000),
            ("1969-12-31T23:59:59.999Z", -1), ("0000-03-01T00:00:00Z", -62_162_035_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("2000-02-29T12:00:00-00:00", 951_825_600_000),
        ] as [(String, Int64)])
    func good(text: String, milliseconds: Int64) {
        #expect(Timestamp(text: text)?.milliseconds == milliseconds)
    }

    @Test("gives back what is written", arguments: [0, -1, 1_795_253_400_123, 253_402_300_799_999] as [Int64])
    func back(milliseconds: Int64) {
        let moment = Timestamp(milliseconds: milliseconds)
        #expect(Timestamp(text: moment.description) == moment)
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", "2026-11-21", "2026-11-21T09:30Z", "2026-11-21T09:30:00", "2026-11-21T09:30:00.Z",
            "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
            "2016-12-31T23:59:60Z", "2026-01-01T00:00:00Zx", " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00+7:00",
            "2026-01-01T00:00:00+24:00", "+026-01-01T00:00:00Z", "2026-1-01T00:00:00Z", "2026-01-01T00:00:00,5Z",
            "\u{662}026-01-01T00:00:00Z", "1700000000",
        ])
    func bad(text: String) {
        #expect(Timestamp(text: text) == nil)
    }
}
