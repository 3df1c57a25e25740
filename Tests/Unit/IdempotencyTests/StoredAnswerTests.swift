import HTTP
import Testing

@testable import Idempotency

@Suite("What is kept of an answer")
struct StoredAnswerTests {
    @Test("is the status, the fields that lead to what was made, and the body; read as it was written")
    func kept() throws {
        let response = Response(
            status: 201,
            headers: [
                ("Content-Type", "application/json"), ("Set-Cookie", "session=secret"), ("Location", "/things/1: a\n"),
                ("X-Request-Id", "one"), ("ETag", "\"v1\""),
            ], body: Array("{\"a\":1}\n\n: ".utf8))
        let stored = StoredAnswer(response, leavingOut: [])
        let read = try #require(StoredAnswer(status: stored.status, encoded: stored.encoded)).response
        #expect(read.status == 201)
        #expect(read.body == response.body)
        let fields = read.headers.map { "\($0.name): \($0.value)" }
        #expect(
            fields == [
                "Content-Type: application/json", "Location: /things/1: a ", "ETag: \"v1\"",
                "Idempotent-Replayed: true",
            ])
    }

    @Test("without fields and body is only the status", arguments: [201, 204])
    func bare(_ status: Int) throws {
        let stored = StoredAnswer(Response(status: status), leavingOut: ["secret"])
        #expect(!stored.lostBody)
        let read = try #require(StoredAnswer(status: status, encoded: stored.encoded))
        #expect(read.status == status && read.fields.isEmpty && read.body.isEmpty)
    }

    @Test("never has a member that is shown once, however deep it is; the others keep their order")
    func secrets() {
        let stored = kept(#"{"id":1,"secret":"s","keys":[{"secret":{"a":"s"},"name":"n"},[{"secret":null}]],"z":2}"#)
        #expect(String(decoding: stored.body, as: UTF8.self) == #"{"id":1,"keys":[{"name":"n"},[{}]],"z":2}"#)
        #expect(!stored.lostBody)
    }

    @Test("has no body where a secret may be in it unseen")
    func opaque() {
        let stored = kept("secret=s")
        #expect(stored.body.isEmpty && stored.lostBody)
        #expect(stored.fields.map(\.name) == ["Location"])
    }

    @Test("has no body that is over the limit, but still says where the thing is")
    func large() {
        let body = String(repeating: "x", count: StoredAnswer.bodySizeMax)
        #expect(kept(body, leavingOut: []).body.count == StoredAnswer.bodySizeMax)
        let larger = kept(body + "x", leavingOut: [])
        #expect(larger.body.isEmpty && larger.lostBody)
        #expect(larger.fields.map(\.name) == ["Location"])
    }

    @Test("is nothing if its bytes are not what was written", arguments: ["", "a", "Location: /1\n", "Location\n\n"])
    func damaged(_ text: String) {
        #expect(StoredAnswer(status: 200, encoded: Array(text.utf8)) == nil)
    }

    private func kept(_ body: String, leavingOut secrets: Set<String> = ["secret"]) -> StoredAnswer {
        let fields = [("Content-Type", "application/json"), ("Location", "/1")]
        return StoredAnswer(Response(status: 201, headers: fields, body: Array(body.utf8)), leavingOut: secrets)
    }
}
