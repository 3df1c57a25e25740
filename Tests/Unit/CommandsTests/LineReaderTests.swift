import Commands
import FoundationEssentials
import TestSupport
import Testing

@Suite("Reading lines")
struct LineReaderTests {
    private static let bound = 65_536

    private func lines(of content: [UInt8]) async throws -> [LineReader.Line] {
        try await withTemporaryFolder { folder in
            try Data(content).write(to: URL(filePath: "\(folder)/lines"))
            let reader = try LineReader(path: "\(folder)/lines", byteCountMax: Self.bound)
            var lines: [LineReader.Line] = []
            while let line = try reader.next() { lines.append(line) }
            #expect(try reader.next() == nil)
            return lines
        }
    }

    @Test("gives each line without its line feed; the last one needs none")
    func split() async throws {
        #expect(try await lines(of: []) == [])
        #expect(try await lines(of: Array("\n".utf8)) == [.bytes([])])
        let expected = ["a", "", "b\r", "c"].map { LineReader.Line.bytes(Array($0.utf8)) }
        #expect(try await lines(of: Array("a\n\nb\r\nc".utf8)) == expected)
        #expect(try await lines(of: Array("a\n\nb\r\nc\n".utf8)) == expected)
    }

    @Test("gives lines whole that are longer than what is read at once, up to the bound")
    func long() async throws {
        let longest = [UInt8](repeating: 0x61, count: Self.bound)
        let short: [UInt8] = [0x62]
        #expect(
            try await lines(of: short + [10] + longest + [10] + short) == [short, longest, short].map { .bytes($0) })
    }

    @Test("gives a line over the bound as such, and goes on behind it")
    func tooLong() async throws {
        for count in [Self.bound + 1, 3 * Self.bound] {
            let line = [UInt8](repeating: 0x61, count: count)
            #expect(try await lines(of: line + [10, 0x62]) == [.tooLong, .bytes([0x62])])
            #expect(try await lines(of: line) == [.tooLong])
        }
    }

    @Test("of what is not there or no file fails with a reason")
    func failures() async throws {
        #expect(throws: CommandFailure.self) { try LineReader(path: "/nonexistent/lines", byteCountMax: Self.bound) }
        try await withTemporaryFolder { folder in
            let reader = try LineReader(path: folder, byteCountMax: Self.bound)
            let failure = #expect(throws: CommandFailure.self) { try reader.next() }
            #expect(failure?.message == "cannot read \(folder): Is a directory")
        }
    }
}
