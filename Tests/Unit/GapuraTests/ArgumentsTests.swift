import Testing

@testable import Gapura

@Suite("A command line")
struct ArgumentsTests {
    private func read(_ arguments: String...) -> Arguments { Arguments(arguments, valued: ["--from"]) }

    @Test("is words, options, and options with a value, in any order")
    func sorted() {
        let read = read("users", "--json", "--from", "10", "import", "file")
        #expect(read.words == ["users", "import", "file"])
        #expect(read.flags == ["--json"])
        #expect(read.options == ["--from": "10"])
        #expect(read.withoutValue == nil)
    }

    @Test("may join an option and its value by an equals sign")
    func joined() {
        #expect(read("--from=10").options == ["--from": "10"])
        #expect(read("--from=").options == ["--from": ""])
        #expect(read("--json=yes").flags == ["--json=yes"])
    }

    @Test("has standard input as a word")
    func standardInput() {
        #expect(read("users", "import", "-").words == ["users", "import", "-"])
    }

    @Test("may lack the value of an option")
    func withoutValue() {
        #expect(read("users", "--from").withoutValue == "--from")
    }
}
