import Testing

@Suite("Swift taken apart")
struct SwiftLinesTests {
    @Test(
        "tells code from comments and strings",
        arguments: [
            ("let a = \"print(1)\" // print(2)", "let a = \"\" ", "print(1)\"", true),
            ("let a = \"x\\\"y\"; f()", "let a = \"\"; f()", "x\\\"y\"", false),
            ("let a = #\"x\"y\"#; f()", "let a = \"\"; f()", "x\"y\"#", false),
            ("g(\"a\\(b[\"c\"] ?? f(1))d\"); h()", "g(\"\"); h()", "a\\(b[\"c\"] ?? f(1))d\"", false),
            ("a /* b /* c */ d */ e", "a  e", "", true),
            ("https(\"https://x\")", "https(\"\")", "https://x\"", false),
        ])
    func line(source: String, code: String, text: String, hasComment: Bool) {
        let lines = SwiftLines(source).lines
        #expect(lines.count == 1)
        #expect(lines.first?.code == code)
        #expect(lines.first?.text == text)
        #expect(lines.first?.hasComment == hasComment)
    }

    @Test("follows strings and comments over several lines, and counts the lines")
    func severalLines() {
        let lines = SwiftLines("a\n\"\"\"\n  b // c\n\"\"\"; d\n/* e\nf */ g").lines
        #expect(lines.map(\.code) == ["a", "\"\"", "", "; d", "", " g"])
        #expect(lines.map(\.text) == ["", "", "  b // c", "\"\"\"", "", ""])
        #expect(lines.map(\.hasComment) == [false, false, false, false, true, true])
    }
}
