import Testing
import __Module__Domain

@Suite("The title of __a_words__")
struct __Entity__TitleTests {
    @Test("loses the blanks at its ends and keeps the others", arguments: ["A title", "  A title", "A title  "])
    func trimmed(_ given: String) {
        #expect(__Entity__Title(given)?.text == "A title")
    }

    @Test("has one character to a hundred")
    func lengths() {
        #expect(__Entity__Title("a") != nil)
        #expect(__Entity__Title(String(repeating: "a", count: 100)) != nil)
        #expect(__Entity__Title(String(repeating: "a", count: 101)) == nil)
    }

    @Test("is neither blank nor of several lines", arguments: ["", "   ", "a\nb", "a\u{0}b", "a\u{7F}"])
    func refused(_ given: String) {
        #expect(__Entity__Title(given) == nil)
    }
}
