import SQL
import Shared
import Testing

@Suite("A value")
struct SQLValueTests {
    @Test(
        "tells that it holds U+0000",
        arguments: [
            .text("a\u{0}b"), .text("\u{0}"), .json("\"\u{0}\""), .json(#"{"a":"\u0000"}"#), .json(#""\\\u0000""#),
        ] as [SQLValue])
    func holdsNull(_ value: SQLValue) {
        #expect(value.holdsNullCharacter)
    }

    @Test(
        "does not take other text for U+0000",
        arguments: [
            .text(""), .text(#"\u0000"#), .json(#""\\u0000""#), .json(#""\u00001""#.replacing("0000", with: "0001")),
            .json(#"\"#), .bytes([0]), .integer(0), .null(.text),
        ] as [SQLValue])
    func holdsNone(_ value: SQLValue) {
        #expect(!value.holdsNullCharacter)
    }
}
