import HTTP
import Testing

@testable import Idempotency

@Suite("The key of a request")
struct IdempotencyKeyTests {
    @Test(
        "is taken bare or as a string of a structured field, which mean the same",
        arguments: [
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
            (#""8e03978e-40d5-43dd-bc93-6894a57f9324""#, "8e03978e-40d5-43dd-bc93-6894a57f9324"),
            ("!", "!"), ("~", "~"), (#""!""#, "!"), ("a,b;c=d", "a,b;c=d"), (#"a"b"#, #"a"b"#), (#"\"#, #"\"#),
            (#""a\"b\\c""#, #"a"b\c"#), (#""a,b;c=d""#, "a,b;c=d"), ("a%20b", "a%20b"),
        ])
    func good(_ value: String, _ key: String) {
        #expect(IdempotencyKey(fieldValue: value)?.text == key)
    }

    @Test("has 1 to 255 characters, without quotes and escapes")
    func length() {
        let longest = String(repeating: "k", count: 255)
        #expect(IdempotencyKey(fieldValue: longest)?.text == longest)
        #expect(IdempotencyKey(fieldValue: "\"\(longest)\"")?.text == longest)
        let escaped = String(repeating: #"\""#, count: 255)
        #expect(IdempotencyKey(fieldValue: "\"\(escaped)\"")?.text == String(repeating: "\"", count: 255))
        #expect(IdempotencyKey(fieldValue: longest + "k") == nil)
        #expect(IdempotencyKey(fieldValue: "\"\(longest)k\"") == nil)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", #""""#, "a b", #""a b""#, "a\tb", "a\u{7F}", "caf\u{E9}", "\"caf\u{E9}\"", "\u{1F511}", #"""#, #""a"#,
            #""a"b"#, #""a"""#, #""a";p=1"#, #""a","b""#, #""a\"#, #""a\""#, #""a\n""#, "a\u{0}b",
        ])
    func bad(_ value: String) {
        #expect(IdempotencyKey(fieldValue: value) == nil)
    }

    @Test("stands in one header, whatever its case, and may be absent")
    func ofRequest() throws {
        #expect(try IdempotencyKey(of: request([])) == nil)
        #expect(try IdempotencyKey(of: request([("idempotency-KEY", " \"k\" ")]))?.text == "k")
        for fields in [[("Idempotency-Key", "")], [("Idempotency-Key", "k"), ("Idempotency-Key", "k")]] {
            let problem = #expect(throws: Problem.self) { try IdempotencyKey(of: request(fields)) }
            #expect(problem?.kind == .idempotencyKeyInvalid)
        }
    }

    @Test("bytes that are not UTF-8 are no key, not even beside a good one")
    func notUTF8() {
        for values in [[[0xFF]], [Array("k".utf8), [0xFF]]] as [[[UInt8]]] {
            var headers = Headers()
            for value in values { headers.append(name: "Idempotency-Key".utf8, value: value) }
            let request = Request(method: .post, path: "/", headers: headers)
            #expect(throws: Problem.self) { try IdempotencyKey(of: request) }
        }
    }

    private func request(_ fields: [(String, String)]) -> Request {
        Request(method: .post, path: "/", headers: Headers(fields))
    }
}
