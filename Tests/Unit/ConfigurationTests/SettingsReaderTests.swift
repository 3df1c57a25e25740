import Configuration
import Shared
import Testing

@Suite("Reading settings")
struct SettingsReaderTests {
    private struct NoFile: Error {}

    private enum Colour: String, CaseIterable { case red, green }

    private func reader(_ values: [String: String], files: [String: String] = [:]) -> SettingsReader {
        SettingsReader(values: values) { path in
            guard let text = files[path] else { throw NoFile() }
            return text
        }
    }

    @Test("values of every type are read")
    func reads() {
        var reader = reader([
            "TEXT": "a", "NUMBER": "7", "TIME": "15m", "SIZE": "64KiB", "FLAG": "on", "CHOICE": "green",
            "LIST": "1, 2 ,3",
        ])
        #expect(reader.text("TEXT") == "a")
        #expect(reader.integer("NUMBER", default: 1, in: 1...9) == 7)
        #expect(reader.duration("TIME", default: .seconds(1)) == .seconds(900))
        #expect(reader.size("SIZE", default: .mebibytes(1), in: 1...(1 << 20)) == .kibibytes(64))
        #expect(reader.flag("FLAG", default: false) == true)
        #expect(reader.choice("CHOICE", default: Colour.red) == .green)
        #expect(reader.list("LIST", "numbers") { Int($0) } == [1, 2, 3])
        #expect(reader.failures.isEmpty)
    }

    @Test("what is absent or empty has its default")
    func defaults() {
        var reader = reader(["EMPTY": ""])
        #expect(reader.text("EMPTY") == nil)
        #expect(reader.text("EMPTY", default: "x") == "x")
        #expect(reader.integer("NUMBER", default: 1, in: 1...9) == 1)
        #expect(reader.duration("TIME", default: .seconds(1)) == .seconds(1))
        #expect(reader.flag("FLAG", default: true) == true)
        #expect(reader.choice("CHOICE", default: Colour.red) == .red)
        #expect(reader.list("LIST", "numbers") { Int($0) } == [])
        #expect(reader.secret("SECRET")?.reveal() == nil)
        #expect(reader.failures.isEmpty)
    }

    @Test("every problem is collected, each with the variable's name and without its value")
    func collects() {
        var reader = reader([
            "NUMBER": "10", "TIME": "1y", "SIZE": "2MiB", "FLAG": "maybe", "CHOICE": "blue", "LIST": "1,x",
        ])
        #expect(reader.integer("NUMBER", default: 1, in: 1...9) == 1)
        _ = reader.duration("TIME", default: .seconds(1))
        _ = reader.size("SIZE", default: .kibibytes(1), in: 1...(1 << 20))
        _ = reader.flag("FLAG", default: false)
        _ = reader.choice("CHOICE", default: Colour.red)
        #expect(reader.list("LIST", "numbers") { Int($0) } == [])
        #expect(reader.failures.map(\.name) == ["NUMBER", "TIME", "SIZE", "FLAG", "CHOICE", "LIST"])
        #expect(reader.failures[0].description == "NUMBER must be a whole number from 1 to 9")
        #expect(reader.failures[4].description == "CHOICE must be one of: red, green")
        #expect(!reader.failures.contains { $0.description.contains("maybe") || $0.description.contains("blue") })
    }

    @Test("how long something stays is within its bounds, which are told")
    func days() {
        var reader = reader(["SHORT": "23h", "LONG": "91d", "LEAST": "1d", "MOST": "90d"])
        for name in ["SHORT", "LONG"] {
            #expect(reader.days(name, default: 30, in: 1...90) == .seconds(30 * 86_400))
        }
        #expect(reader.days("LEAST", default: 30, in: 1...90) == .seconds(86_400))
        #expect(reader.days("MOST", default: 30, in: 1...90) == .seconds(90 * 86_400))
        #expect(reader.days("ABSENT", default: 30, in: 1...90) == .seconds(30 * 86_400))
        #expect(reader.failures.map(\.name) == ["SHORT", "LONG"])
        #expect(reader.failures.first?.description == "SHORT must be a duration from 1d to 90d, such as 30d")
    }

    @Test(
        "a flag has many words",
        arguments: [
            ("on", true), ("YES", true), ("true", true), ("1", true), ("Off", false), ("no", false), ("0", false),
        ])
    func flags(_ text: String, _ expected: Bool) {
        var reader = reader(["FLAG": text])
        #expect(reader.flag("FLAG", default: !expected) == expected)
        #expect(reader.failures.isEmpty)
    }

    @Test("a secret is given directly or by a file, whose line end does not count")
    func secrets() {
        var reader = reader(["A": "direct", "B_FILE": "/run/b"], files: ["/run/b": "  from a file\n"])
        #expect(reader.secret("A")?.reveal() == "direct")
        #expect(reader.secret("B")?.reveal() == "from a file")
        #expect(reader.failures.isEmpty)
    }

    @Test("a secret that is given twice, or by a file that is not there, is a problem")
    func badSecrets() {
        var reader = reader(["A": "a", "A_FILE": "/run/a", "B_FILE": "/run/b"], files: ["/run/a": "a"])
        #expect(reader.secret("A")?.reveal() == nil)
        #expect(reader.secret("B")?.reveal() == nil)
        #expect(reader.failures.map(\.name) == ["A", "B_FILE"])
    }

    @Test("every variable that was asked for is known afterwards")
    func names() {
        var reader = reader([:])
        _ = reader.text("A")
        _ = reader.secret("B")
        _ = reader.integer("C", default: 1, in: 1...2)
        #expect(reader.names == ["A", "B", "B_FILE", "C"])
    }
}
