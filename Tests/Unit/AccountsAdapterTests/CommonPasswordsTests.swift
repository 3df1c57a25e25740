import Assets
import HTTP
import HTTPSupport
import JSON
import Testing

@testable import AccountsInfrastructure

@Suite("The list of common passwords")
struct CommonPasswordsTests {
    private func lines() throws -> [Substring] {
        let text = try #require(Assets.text("passwords/common.txt"))
        #expect(text.last == "\n")
        return text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test("is sorted by bytes, each line once, in lower case and of at least 8 characters")
    func form() throws {
        let lines = try lines()
        #expect(lines.count > 16_000)
        for (line, next) in zip(lines, lines.dropFirst()) where !line.utf8.lexicographicallyPrecedes(next.utf8) {
            Issue.record("\(next) comes after \(line)")
        }
        for line in lines where line.utf8.count < 8 || line != line.lowercased() || !line.utf8.allSatisfy({ $0 < 0x80 })
        {
            Issue.record("\(line)")
        }
    }

    @Test("finds every line, and nothing that is before, behind or part of one")
    func search() throws {
        let lines = try lines()
        let all = Set(lines)
        for line in lines {
            let text = String(line)
            if !CommonPasswords.shipped.contains(text) { Issue.record("\(text) is not found") }
            for other in [text + "\u{1}", String(text.dropLast()), "\u{1}" + text] where !all.contains(other[...]) {
                if CommonPasswords.shipped.contains(other) { Issue.record("\(other) is found") }
            }
        }
        for text in ["", "\n", "00000000\n00000000", "\u{10FFFF}", "zzzzzzzzzzzzzzzzz", "correct horse"] {
            #expect(!CommonPasswords.shipped.contains(text))
        }
    }

    @Test("may be short or empty")
    func small() {
        #expect(!CommonPasswords(lines: []).contains("a"))
        let two = CommonPasswords(lines: Array("b\nd\n".utf8))
        #expect(["a", "b", "c", "d", "e", "", "b\nd"].filter(two.contains) == ["b", "d"])
    }

    @Test("keeps people from registering with one, in any case", arguments: ["12345678", "PassWord", "QwertyUiop"])
    func register(password: String) async throws {
        let fixture = try AccountsFixture()
        let client = RESTClient(try fixture.routes())
        let refused = await client.post(
            "/register", ["email": "ana@example.com", "password": .string(password)])
        #expect(refused.status == 422)
        #expect(try refused.json()["errors"] == ["password": "must not be a common password"])
        let taken = await client.post(
            "/register", ["email": "ana@example.com", "password": .string(password + " and a horse")])
        #expect(taken.status == 201)
    }
}
