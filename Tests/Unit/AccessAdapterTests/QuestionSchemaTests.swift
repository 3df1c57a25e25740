import AccessDomain
import HTTP
import JSON
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("What the schema says of a question")
struct QuestionSchemaTests {
    /// Texts of these pieces, short ones more often.
    private static func texts(of pieces: [String], count: Int) -> [String] {
        var random = SeededGenerator(seed: 7)
        return (0..<count).map { _ in
            (0..<Int.random(in: 1...9, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
    }

    private static func check(
        _ texts: [String], _ schema: JSONObject, _ isRight: (String) -> Bool
    ) throws -> (right: Int, wrong: Int) {
        let pattern = try Regex(try #require(schema["pattern"]?.text))
        let max = Int(try #require(schema["maxLength"]?.integer))
        var counts = (right: 0, wrong: 0)
        for text in texts {
            let isTold = text.count <= max && text.wholeMatch(of: pattern) != nil
            #expect(isTold == isRight(text), "\(text)")
            if isTold { counts.right += 1 } else { counts.wrong += 1 }
        }
        return counts
    }

    @Test("an address is what the rule takes, and nothing else")
    func address() throws {
        let known = [
            "203.0.113.7", "0.0.0.0", "255.255.255.255", "256.0.0.1", "01.2.3.4", "1.2.3", "1.2.3.4.5", "", "::", ":::",
            "1::", "::1", "1::2::3", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7::8", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:1.2.3.4", "::ffff:1.2.3.4",
            "::1.2.3.4", "1.2.3.4::", "1:2:3:4:5::1.2.3.4", "1:2:3:4:5:6::1.2.3.4", "::1.2.3.4:5", "12345::", "g::",
            "FE80::1", "fe80::1%eth0", "[::1]", " ::1", "::1\n", "0000:0000:0000:0000:0000:0000:255.255.255.255",
        ]
        let pieces = ["1", "ffff", ":", ":", ":", "::", "1.2.3.4", "0", "a:b:c", "255", "."]
        let counts = try Self.check(
            known + Self.texts(of: pieces, count: 2_000), FieldType<NetworkAddress>.networkAddress.schema
        ) { NetworkAddress(text: $0) != nil }
        #expect(counts.right > 100 && counts.wrong > 100)
    }

    @Test("a permission is what the rule takes, and nothing else")
    func permission() throws {
        let long = String(repeating: "a", count: 63)
        let known = [
            "documents:read", "*:*", "a:b:c", "a:b:*", "a", "a:", ":b", "A:b", "a:b:c:d", "_a:b", "a_.-:9", "a:b\n", "",
            "\(long):\(long):\(long)", "\(long)a:b",
        ]
        let counts = try Self.check(
            known + Self.texts(of: ["a", "9", "*:", "b:c", ":d", ":", "_-.", "A"], count: 2_000),
            FieldType<Permission>.permission.schema
        ) { Permission($0) != nil }
        #expect(counts.right > 100 && counts.wrong > 100)
    }
}
