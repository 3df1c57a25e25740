import JSON
import Testing

@Suite("Reading JSON")
struct JSONParserTests {
    private func parse(_ text: String, depthMax: Int = 32) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), depthMax: depthMax)
    }

    @Test("every kind of value is read, with space around it")
    func values() throws {
        let value = try parse(
            """
             \t\r\n{"null": null, "yes": true, "no": false, "int": -12, "num": 1.5e-1, "text": "a",
              "list": [ ] , "nested": {"x": [1, [2]]}} \n
            """)
        #expect(
            value == [
                "null": nil, "yes": true, "no": false, "int": -12, "num": 0.15, "text": "a", "list": [],
                "nested": ["x": [1, [2]]],
            ])
    }

    @Test("integers are exact over all 64 bits, beyond what a floating-point number holds")
    func exactIntegers() throws {
        #expect(try parse("9007199254740993") == .integer(9_007_199_254_740_993))
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("-9223372036854775808") == .integer(.min))
        #expect(try parse("-0") == .integer(0))
    }

    @Test(
        "an integer that does not fit is refused, not rounded",
        arguments: ["9223372036854775808", "-9223372036854775809", "1000000000000000000000"])
    func tooLargeIntegers(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
        #expect(throws: JSONSyntaxError.self) { try parse("[\(text)]") }
    }

    @Test("a number with a point or an exponent is a floating-point number, and a finite one")
    func floatingPoint() throws {
        #expect(try parse("1.0") == .number(1))
        #expect(try parse("1e2") == .number(100))
        #expect(try parse("1E+2") == .number(100))
        #expect(throws: JSONSyntaxError.self) { try parse("1e400") }
    }

    @Test(
        "what is no number is refused",
        arguments: [
            "01", "-01", "00", "+1", ".5", "1.", "1.e1", "1e", "1e+", "-", "0x10", "NaN", "Infinity", "1_000",
            "\u{0661}",
        ])
    func badNumbers(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }

    @Test("a member name that stands twice is refused, also when it is escaped once")
    func duplicates() throws {
        #expect(throws: JSONSyntaxError.self) { try parse(#"{"a": 1, "a": 1}"#) }
        #expect(throws: JSONSyntaxError.self) { try parse(#"{"a": 1, "\u0061": 2}"#) }
        #expect(throws: JSONSyntaxError.self) { try parse(#"[{"b": {"a": 1, "c": 2, "a": 3}}]"#) }
        #expect(try parse(#"{"a": {"a": 1}, "A": 2}"#) == ["a": ["a": 1], "A": 2])
    }

    @Test("escapes mean what they say, surrogate pairs included")
    func escapes() throws {
        #expect(
            try parse(#""\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\udd11""#)
                == .string("\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{20AC}\u{1F511}"))
    }

    @Test(
        "a lone or reversed surrogate is refused",
        arguments: [
            #""\ud83d""#, #""\udd11""#, #""\ud83dx""#, #""\ud83d\n""#, #""\ud83d\ud83d""#, #""\udd11\ud83d""#,
            #""\ud83d\u0041""#,
        ])
    func surrogates(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }

    @Test("U+0000 is refused, escaped and raw, in texts and in names")
    func nul() {
        for text in [#""\u0000""#, #"{"a\u0000": 1}"#, "\"\u{0}\"", "\u{0}", "1\u{0}"] {
            #expect(throws: JSONSyntaxError.self) { try parse(text) }
        }
    }

    @Test("a control character in a text is refused, whether or not an escape came before")
    func controls() throws {
        for byte in UInt8(0)..<0x20 {
            #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, byte, 0x22]) }
            #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0x5C, 0x6E, byte, 0x22]) }
        }
        #expect(try JSONValue(parsing: [0x22, 0x7F, 0x22]) == "\u{7F}")
    }

    @Test(
        "what is not UTF-8 is refused",
        arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]]
            as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0x5C, 0x6E] + bytes + [0x22]) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
    }

    @Test("arrays and objects nest as deep as is allowed and no deeper")
    func depth() throws {
        let allowed = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        _ = try parse(allowed)
        #expect(throws: JSONSyntaxError.self) { try parse("[\(allowed)]") }
        _ = try parse(#"{"a":[{}]}"#, depthMax: 3)
        #expect(throws: JSONSyntaxError.self) { try parse(#"{"a":[{}]}"#, depthMax: 2) }
        #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: #"{"a":"#, count: 100_000)) }
    }

    @Test(
        "nothing may stand before or after the document, nor be missing in it",
        arguments: [
            "", " ", "{} {}", "1 2", "[1],", "{},", "\u{FEFF}{}", "[1,]", "[,1]", "[1 2]", "{\"a\":1,}", "{,}",
            "{\"a\"}",
            "{\"a\":}", "{a:1}", "{'a':1}", "{1:1}", "[", "{", "\"", "\"a", "\"\\", "\"\\u12", "\"\\u12G4\"", "\"\\x\"",
            "[1", "{\"a\":1", "{\"a\"", "tru", "True", "nul", "nulll", "// c\n1", "[1]]", "}", "]",
        ])
    func malformed(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }

    @Test("an error says where, and never quotes the document")
    func errors() throws {
        let error = #expect(throws: JSONSyntaxError.self) { try parse(#"{"secret": "a", "secret": "b"}"#) }
        let found = try #require(error)
        #expect(found.offset > 15)
        #expect(!found.description.contains("secret"))
    }
}
