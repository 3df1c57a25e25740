import HTTP
import JSON
import Shared
import Testing

private struct Note: Input {
    let text: String?
    let count: Int?

    init(_ fields: inout Fields) {
        text = fields.optional("text", .text(1...9))
        count = fields.optional("count", .integer(1...9))
    }
}

@Suite("The form of a body")
struct BodyFormTests {
    private func request(_ body: String, _ headers: (String, String)...) -> Request {
        Request(
            method: .post, path: "/notes",
            headers: Headers(headers.isEmpty ? [("Content-Type", "application/json")] : headers), body: Array(body.utf8)
        )
    }

    @Test(
        "white space around a content type is of no account",
        arguments: [" ", "\t", "\t ;\tcharset=utf-8", ";charset=x"])
    func contentTypes(_ rest: String) throws {
        let note = try request(#"{"text":"a"}"#, ("Content-Type", "application/json\(rest)")).read(Note.self)
        #expect(note.text == "a")
    }

    @Test("a body that is compressed is refused with how it is taken", arguments: ["gzip", "br", "deflate, gzip", "x"])
    func encoded(_ coding: String) throws {
        let request = request("\u{1F}", ("Content-Type", "application/json"), ("Content-Encoding", coding))
        let problem = try #require(#expect(throws: Problem.self) { try request.read(Note.self) })
        #expect(problem.kind == .unsupportedMediaType)
        #expect(problem.headers.contains { $0 == ("Accept-Encoding", "identity") })
        let text = TextBody("lines", "application/json", "lines", example: "x")
        #expect(throws: Problem.self) { try request.read(text) }
    }

    @Test("identity is no compression", arguments: ["identity", "Identity", ""])
    func identity(_ coding: String) throws {
        let headers = [("Content-Type", "application/json"), ("Content-Encoding", coding)]
        #expect(try request(#"{"text":"a"}"#, headers[0], headers[1]).read(Note.self).text == "a")
    }

    @Test("where a body may be absent, the JSON text null is none", arguments: ["", "null", " null\n"])
    func null(_ body: String) throws {
        #expect(try request(body).readOptional(Note.self) == nil)
    }

    @Test("anything but an object or null is not valid where a body may be absent", arguments: ["[]", "1", #""null""#])
    func noNull(_ body: String) throws {
        let problem = try #require(#expect(throws: Problem.self) { try request(body).readOptional(Note.self) })
        #expect(problem.kind == .validationFailed)
        #expect(throws: Problem.self) { try request("null").read(Note.self) }
    }

    @Test(
        "a number that is too large is well-formed and not valid",
        arguments: ["9223372036854775808", "-9223372036854775809", "1e999", "99999999999999999999999"])
    func largeNumbers(_ number: String) throws {
        let request = request(#"{"count":\#(number)}"#)
        let problem = try #require(#expect(throws: Problem.self) { try request.read(Note.self) })
        #expect(problem.kind == .validationFailed)
    }
}
