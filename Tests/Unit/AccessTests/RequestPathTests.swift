import AccessDomain
import Shared
import TestSupport
import Testing

@Suite("The path of a request in normal form")
struct RequestPathTests {
    private func refusal(_ target: String) -> RequestPath.Refusal? {
        do throws(RequestPath.Refusal) {
            _ = try RequestPath(target: target)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "a legal path is read as a service reads it: decoded, without its query",
        arguments: [
            ("/", "/"), ("/a/b", "/a/b"), ("/a/", "/a/"), ("/a?b=//..;%2f", "/a"), ("/?", "/"), ("/a%20b", "/a b"),
            ("/%61dmin", "/admin"), ("/caf%C3%A9", "/caf\u{e9}"), ("/caf%c3%a9", "/caf\u{e9}"),
            ("/caf\u{e9}", "/caf\u{e9}"), ("/.well-known/x", "/.well-known/x"), ("/a..b/...", "/a..b/..."),
            ("/c%23", "/c#"), ("/what%3F", "/what?"), ("/100%25", "/100%"), ("/100%25%20off", "/100% off"),
            ("/a+b~c:@!$&'()*,=", "/a+b~c:@!$&'()*,="), ("/%F0%9F%9A%AA", "/\u{1F6AA}"),
        ])
    func legal(_ target: String, _ path: String) throws {
        let text = try RequestPath(target: target).text
        #expect(text.utf8.elementsEqual(path.utf8))
    }

    @Test(
        "whatever could be read in two ways is refused, never guessed",
        arguments: [
            ("", .notOriginForm), ("a", .notOriginForm), ("*", .notOriginForm), ("http://x/a", .notOriginForm),
            ("?/a", .notOriginForm), ("example.com:80", .notOriginForm), ("//", .emptySegment),
            ("//evil.com/a", .emptySegment), ("/a//b", .emptySegment), ("/a//", .emptySegment), ("/.", .dotSegment),
            ("/..", .dotSegment), ("/a/../b", .dotSegment), ("/a/./b", .dotSegment), ("/a/..?x", .dotSegment),
            ("/%2e", .forbiddenEscape), ("/a/%2E%2e/b", .forbiddenEscape), ("/.%2e/", .forbiddenEscape),
            ("/a%2Eb", .forbiddenEscape), ("/a%2fb", .forbiddenEscape), ("/a%2Fb", .forbiddenEscape),
            ("/a%5cb", .forbiddenEscape), ("/a%5Cb", .forbiddenEscape), ("/a%3Bb", .forbiddenEscape),
            ("/a%3bb", .forbiddenEscape), ("/a%252fb", .forbiddenEscape), ("/a%25%32%66", .forbiddenEscape),
            ("/a%2541", .forbiddenEscape), ("/a;b", .parameter), ("/a/..;/b", .parameter), ("/a\\b", .backslash),
            ("/..\\", .backslash), ("/a b", .forbiddenCharacter), ("/a\tb", .forbiddenCharacter),
            ("/a\u{0}b", .forbiddenCharacter), ("/a\u{7f}", .forbiddenCharacter), ("/a#b", .forbiddenCharacter),
            ("/a%00", .forbiddenCharacter), ("/a%0d%0a", .forbiddenCharacter), ("/a%7F", .forbiddenCharacter),
            ("/a%C2%85", .forbiddenCharacter), ("/a\u{85}", .forbiddenCharacter), ("/%", .badEscape),
            ("/%a", .badEscape), ("/%zz", .badEscape), ("/%4", .badEscape), ("/%u0041", .badEscape),
            ("/%?41", .badEscape), ("/%C0%AF", .notUTF8), ("/%C0%AE", .notUTF8), ("/%E0%80%AF", .notUTF8),
            ("/%ED%A0%80", .notUTF8), ("/%F4%90%80%80", .notUTF8), ("/%FF", .notUTF8), ("/%C3", .notUTF8),
            ("/%C3/%A9", .notUTF8), ("/%A9", .notUTF8), ("/%F0%9F%9A", .notUTF8),
        ] as [(String, RequestPath.Refusal)])
    func refused(_ target: String, _ reason: RequestPath.Refusal) {
        #expect(refusal(target) == reason)
    }

    @Test("a path has at most 4,096 bytes; its query does not count")
    func length() {
        let longest = "/" + String(repeating: "a", count: RequestPath.bytesMax - 1)
        #expect(refusal(longest) == nil)
        #expect(refusal(longest + "?" + longest) == nil)
        #expect(refusal(longest + "b") == .tooLong)
        #expect(refusal("/" + String(repeating: "%61", count: 1_400)) == .tooLong)
    }

    @Test("a slash is cut off a prefix by bytes, also behind a character that joins with it")
    func joiningCharacter() throws {
        let route = try RouteRule(prefix: "/\u{600}/")
        #expect(route.prefix.utf8.elementsEqual("/\u{600}".utf8))
    }

    /// The rule as the specification words it, by the means of the standard library, without regard to speed.
    private func naive(_ target: [UInt8]) -> [UInt8]? {
        let raw = Array(target.prefix { $0 != UInt8(ascii: "?") })
        guard raw.first == UInt8(ascii: "/"), raw.count <= RequestPath.bytesMax else { return nil }
        var path: [UInt8] = []
        var index = 0
        while index < raw.count {
            guard raw[index] == UInt8(ascii: "%") else {
                if raw[index] <= 0x20 || raw[index] == 0x7F || "#;\\".utf8.contains(raw[index]) { return nil }
                path.append(raw[index])
                index += 1
                continue
            }
            guard index + 2 < raw.count else { return nil }
            let digits = String(decoding: raw[(index + 1)...(index + 2)], as: UTF8.self)
            guard let byte = UInt8(digits, radix: 16), digits.allSatisfy(\.isHexDigit) else { return nil }
            if "/\\.;".utf8.contains(byte) || byte < 0x20 || byte == 0x7F { return nil }
            path.append(byte)
            index += 3
        }
        guard let text = String(validating: path, as: UTF8.self) else { return nil }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { return nil }
        if text.contains(#/%[0-9A-Fa-f][0-9A-Fa-f]/#.matchingSemantics(.unicodeScalar)) { return nil }
        let segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if segments.dropLast().contains(where: \.isEmpty) { return nil }
        if segments.contains(where: { [".", ".."].map { Array($0.utf8) }.contains(Array($0)) }) { return nil }
        return path
    }

    @Test("over mutated paths it agrees with the rule written out at length")
    func mutations() throws {
        var generator = SeededGenerator(seed: 7)
        let pieces = [
            "/", "/", "a", "b", ".", "..", "%2e", "%2F", "%5c", "%25", "25", "2e", "%61", "%41", ";", "\\", "?", "#",
            "%C3%A9", "\u{e9}", "%c3", "%A9", "%", "%2", "%00", "%E2%82%AC", "\u{7f}", "admin", "%20", "%3b", "%3F",
            "\u{600}", "%EF%BC%8F",
        ]
        var accepted = 0
        for round in 0..<20_000 {
            let count = Int.random(in: 0..<8, using: &generator)
            let target = "/" + (0..<count).compactMap { _ in pieces.randomElement(using: &generator) }.joined()
            let expected = naive(Array(target.utf8))
            let found = (try? RequestPath(target: target)).map { Array($0.text.utf8) }
            #expect(found == expected, "round \(round): \(target.debugDescription)")
            if found != nil { accepted += 1 }
        }
        #expect(accepted > 1_000)
    }
}
