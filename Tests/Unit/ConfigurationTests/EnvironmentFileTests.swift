import Configuration
import Testing

@Suite("Environment files")
struct EnvironmentFileTests {
    @Test("names and values, with comments and empty lines passed over")
    func parses() throws {
        let values = try EnvironmentFile.parse(
            """
            # A comment = no value
            APP_NAME=Gapura

              INDENTED=yes
            \tTABBED=yes
            EMPTY=
            EQUALS=a=b=c
            HASH=a#b
            SPACES=  two words  \t
            DOUBLE="  kept  "
            SINGLE='a "quoted" word'
            LONE="
            UNEVEN="a'
            EXPANDED=$HOME
            """)
        #expect(
            values == [
                "APP_NAME": "Gapura", "INDENTED": "yes", "TABBED": "yes", "EMPTY": "", "EQUALS": "a=b=c",
                "HASH": "a#b", "SPACES": "  two words", "DOUBLE": "  kept  ", "SINGLE": "a \"quoted\" word",
                "LONE": "\"", "UNEVEN": "\"a'", "EXPANDED": "$HOME",
            ])
    }

    @Test("a file that was written on another system has its lines as well")
    func lineEndings() throws {
        let values = try EnvironmentFile.parse("# first\r\nA=1\r\n\r\nB=\"two\"\r\nC=3")
        #expect(values == ["A": "1", "B": "two", "C": "3"])
    }

    @Test("the last of two equal names counts")
    func twice() throws {
        #expect(try EnvironmentFile.parse("A=1\nA=2") == ["A": "2"])
    }

    @Test(
        "a line that is none is named by its number",
        arguments: [
            ("A=1\nnonsense", 2), ("=value", 1), ("1A=b", 1), ("A B=c", 1), ("\n\nA-B=c", 3), ("\u{00C4}=c", 1),
        ])
    func malformed(_ text: String, _ line: Int) {
        let error = #expect(throws: EnvironmentFile.Malformed.self) { try EnvironmentFile.parse(text) }
        #expect(error?.line == line)
    }

    @Test("an empty file has no values")
    func empty() throws {
        #expect(try EnvironmentFile.parse("").isEmpty)
        #expect(try EnvironmentFile.parse("\n\r\n  \n").isEmpty)
    }
}
