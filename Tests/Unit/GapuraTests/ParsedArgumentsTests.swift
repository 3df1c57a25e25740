import Testing

@testable import Gapura

@Suite("The words of a command line")
struct ParsedArgumentsTests {
    private func parse(_ arguments: String...) -> ParsedArguments {
        ParsedArguments(arguments, valued: ["--revoke", "--email"])
    }

    @Test("are words, flags and options, in any order")
    func sorted() {
        let parsed = parse("keys", "--json", "--revoke", "k1", "rotate", "-v")
        #expect(parsed.words == ["keys", "rotate"])
        #expect(parsed.flags == ["--json", "-v"])
        #expect(parsed.options == ["--revoke": "k1"])
        #expect(parsed.incomplete == nil)
    }

    @Test("have a value behind an equals sign as well, which may hold another one or look like a flag")
    func equalsSign() {
        #expect(parse("--revoke=a=b").options == ["--revoke": "a=b"])
        #expect(parse("--revoke=--json").options == ["--revoke": "--json"])
        #expect(parse("--revoke", "--json").options == ["--revoke": "--json"])
    }

    @Test(
        "tell which option has no value",
        arguments: [["--revoke"], ["--revoke="], ["--revoke", ""], ["x", "--revoke"]])
    func incomplete(_ arguments: [String]) {
        let parsed = ParsedArguments(arguments, valued: ["--revoke"])
        #expect(parsed.incomplete == "--revoke")
        #expect(parsed.options.isEmpty)
    }

    @Test("have a dash alone as a word, and a name that is no option as a flag")
    func others() {
        let parsed = parse("-", "--unknown=1")
        #expect(parsed.words == ["-"])
        #expect(parsed.flags == ["--unknown=1"])
    }

    @Test("may be none")
    func empty() {
        #expect(parse() == ParsedArguments([], valued: []))
        #expect(parse().words.isEmpty)
    }
}
