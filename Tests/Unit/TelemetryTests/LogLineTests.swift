import JSON
import Shared
import Telemetry
import Testing

@Suite("A log line")
struct LogLineTests {
    private let time = Timestamp(milliseconds: 1_795_253_400_123)

    private func line(
        _ message: String, _ fields: [(name: String, value: LogValue)] = [], level: LogLevel = .info,
        as format: LogFormat = .text
    ) -> String {
        let sink = CapturingSink()
        var logger = Logger(level: .debug, sink: sink)
        for field in fields { logger = logger.with(field.name, field.value) }
        logger.log(level, message, [:])
        return String(decoding: LogLine.render(sink.entries[0], at: time, as: format), as: UTF8.self)
    }

    @Test("in text has the time, the level, the message and the values in order")
    func textLine() {
        let line = line("request", [("status", 200), ("path", "/login"), ("cached", true), ("share", .number(0.5))])
        #expect(line == "2026-11-21T09:30:00.123Z INFO request status=200 path=/login cached=true share=0.5\n")
    }

    @Test(
        "in text quotes a value that is not one plain word",
        arguments: [
            ("", "\"\""), ("two words", "\"two words\""), ("a=b", "\"a=b\""), ("say \"hi\"", "\"say \\\"hi\\\"\""),
            ("back\\slash", "\"back\\\\slash\""), ("Jürgen", "Jürgen"), ("a***@example.com", "a***@example.com"),
        ])
    func textQuoting(value: String, expected: String) {
        #expect(line("m", [("k", .text(value))]).hasSuffix(" k=\(expected)\n"))
    }

    @Test(
        "in text shows what a terminal would obey as an escape",
        arguments: [
            ("a\nb", "\"a\\nb\""), ("a\r\nb", "\"a\\r\\nb\""), ("a\tb", "\"a\\tb\""),
            ("a\u{1B}[2Jb", "\"a\\u{1b}[2Jb\""),
            ("a\u{0}b", "\"a\\u{0}b\""), ("a\u{7F}b", "\"a\\u{7f}b\""), ("a\u{9B}b", "\"a\\u{9b}b\""),
            ("a\u{2028}b", "\"a\\u{2028}b\""), ("a\u{202E}b", "\"a\\u{202e}b\""),
        ])
    func textEscapes(value: String, expected: String) {
        #expect(line("m", [("k", .text(value))]).hasSuffix(" k=\(expected)\n"))
    }

    @Test("is one line whatever its message, names and values hold", arguments: LogFormat.allCases)
    func oneLine(format: LogFormat) {
        let evil = "x\n2026-11-21T09:30:00.123Z ERROR forged\r\u{85}\u{2028}"
        let line = line(evil, [(evil, .text(evil))], as: format)
        #expect(line.utf8.filter { $0 == 0x0A }.count == 1)
        #expect(line.utf8.last == 0x0A)
        #expect(!line.utf8.contains(0x0D))
    }

    @Test("in JSON is an object with the time, the level, the message and the typed values")
    func jsonLine() throws {
        let fields: [(name: String, value: LogValue)] = [
            ("status", 200), ("path", "a \"b\""), ("cached", false), ("share", .number(0.5)),
        ]
        let line = line("request", fields, level: .warning, as: .json)
        let value = try JSONValue(parsing: Array(line.utf8))
        #expect(
            value == [
                "time": "2026-11-21T09:30:00.123Z", "level": "warning", "message": "request", "status": 200,
                "path": "a \"b\"", "cached": false, "share": 0.5,
            ])
    }

    @Test("in JSON has no name twice: the last value counts, and no value takes the place of the line's own members")
    func jsonNamesAreUnique() throws {
        let line = line("real", [("message", "forged"), ("a", 1), ("a", 2)], as: .json)
        let value = try JSONValue(parsing: Array(line.utf8))
        #expect(value["message"] == "real")
        #expect(value["_message"] == "forged")
        #expect(value["a"] == 2)
    }

    @Test("cuts a text that is far too long", arguments: LogFormat.allCases)
    func cutsLongText(format: LogFormat) {
        let line = line("m", [("k", .text(String(repeating: "é", count: 100_000)))], as: format)
        #expect(line.utf8.count < LogLine.textBytesMax + 200)
        #expect(line.contains("..."))
    }
}
