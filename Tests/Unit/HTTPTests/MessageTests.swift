import HTTP
import JSON
import Shared
import Testing

@Suite("Requests and responses")
struct MessageTests {
    @Test("headers are found without regard to case, the first of a name, trimmed")
    func headers() {
        let headers = Headers([("X-One", " \ta b\t "), ("x-ONE", "second"), ("Empty", "")])
        #expect(headers["x-one"] == "a b")
        #expect(headers["X-ONE"] == "a b")
        #expect(headers.all("X-One") == ["a b", "second"])
        #expect(headers["empty"] == "")
        #expect(headers["X-On"] == nil)
        #expect(headers["X-One-"] == nil)
        #expect(headers.contains("x-One") && !headers.contains("other"))
        #expect(headers.count == 3)
        #expect(headers.count(of: "x-one") == 2)
        #expect(headers.count(of: "other") == 0)
    }

    @Test("only letters have a case: [ and { are not the same name")
    func caseOfLetters() {
        #expect(Headers([("X[", "a")])["x{"] == nil)
        #expect(Headers([("X^", "a")])["x~"] == nil)
    }

    @Test(
        "a bearer credential is read by RFC 6750, whatever the scheme's case and the space around",
        arguments: [
            ("Bearer abc", .bearer("abc")), ("bEARER  abc ", .bearer("abc")), ("\tBearer abc\t", .bearer("abc")),
            ("Bearer a b", .bearer("a b")), ("Bearer", .other), ("Bearer ", .other), ("Bearer   ", .other),
            ("Bearerabc", .other), ("Digest abc", .other), ("", .other), ("abc", .other),
            // Browsers send it by themselves to a proxy that has asked for it.
            ("Basic abc", .absent),
        ] as [(String, Headers.Authorization)])
    func authorization(_ value: String, _ expected: Headers.Authorization) {
        #expect(Headers([("Authorization", value)]).authorization == expected)
        #expect(Headers([("X-Authorization", value)]).authorization == .absent)
    }

    @Test("a bearer credential that is not UTF-8 is there, but cannot be read")
    func unreadableAuthorization() {
        var headers = Headers()
        headers.append(name: "Authorization".utf8, value: Array("Bearer ".utf8) + [0xFF])
        #expect(headers.authorization == .other)
    }

    @Test("a value that is not UTF-8 is no text, but its bytes are there")
    func notUTF8() {
        var headers = Headers()
        headers.append(name: Array("X".utf8), value: [0xFF, 0x20])
        #expect(headers["x"] == nil)
        #expect(headers.bytes(of: "x").map(Array.init) == [0xFF, 0x20])
        #expect(headers.contains("x"))
    }

    @Test("a whole head is taken in one block")
    func block() {
        let block = Array("Host: a\r\nX: b".utf8)
        let headers = Headers(
            block: block, fields: [.init(name: 0..<4, value: 5..<7), .init(name: 9..<10, value: 11..<13)])
        #expect(headers["host"] == "a")
        #expect(headers["x"] == "b")
    }

    @Test(
        "no value can start a new line or another field",
        arguments: ["a\r\nSet-Cookie: x=y", "a\nb", "a\rb", "a\u{0}b", "a\u{7F}b", "\r\n\r\n<html>"])
    func injection(_ value: String) {
        var response = Response(status: 200, headers: [("X-A", value)])
        response.add("X-B", value)
        response.set("X-C", value)
        response.setCookie(Cookie(name: "c", value: value, maxAge: .zero, isSecure: false))
        #expect(response.headers.count == 4)
        for field in response.headers {
            #expect(field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        }
    }

    @Test("a field is added beside others of its name, or replaces them")
    func addAndSet() {
        var response = Response(status: 200)
        response.add("Vary", "Origin")
        response.add("vary", "Accept")
        #expect(response.headers.map(\.value) == ["Origin", "Accept"])
        response.set("VARY", "*")
        #expect(response.headers.map(\.value) == ["*"])
        #expect(response["vary"] == "*")
    }

    @Test("cookies are host-only, for every path and not for scripts, unless told otherwise")
    func cookies() {
        var cookie = Cookie(name: "a", value: "b", maxAge: .seconds(60), isSecure: false)
        #expect(cookie.header == "a=b; Path=/; Max-Age=60; HttpOnly; SameSite=Lax")
        cookie.path = "/x"
        cookie.domain = "example.com"
        cookie.isSecure = true
        cookie.sameSite = .strict
        cookie.maxAge = .zero
        #expect(cookie.header == "a=b; Path=/x; Max-Age=0; HttpOnly; SameSite=Strict; Domain=example.com; Secure")
    }

    @Test("a request's cookie is found by its exact name")
    func requestCookies() {
        let request = Request(
            method: .get, path: "/",
            headers: Headers([("Cookie", "ab=1; a=2;b=3=4; empty="), ("Cookie", "a=5; later=6; broken")]))
        #expect(request.cookie("a") == "2")
        #expect(request.cookie("ab") == "1")
        #expect(request.cookie("b") == "3=4")
        #expect(request.cookie("empty") == "")
        #expect(request.cookie("later") == "6")
        #expect(request.cookie("A") == nil)
        #expect(request.cookie("broken") == nil)
    }

    @Test("a method is known by its name in upper case")
    func methods() {
        #expect(HTTP.Method(name: "GET") == .get)
        #expect(HTTP.Method(name: "get") == .other)
        #expect(HTTP.Method(name: "TRACE") == .other)
        #expect(HTTP.Method.allCases.filter(\.isSafe) == [.get, .head, .options])
    }

    @Test("a problem is a document of RFC 9457 with a stable code and every bad field")
    func problem() throws {
        var problem = Problem.validation([FieldError("b", "is \"bad\""), FieldError("a", "is missing")])
        problem.headers = [("Retry-After", "5")]
        let response = problem.response(requestID: "request-1")
        #expect(response.status == 422)
        #expect(response["Content-Type"] == "application/problem+json")
        #expect(response["Retry-After"] == "5")
        #expect(
            try response.json() == [
                "type": "urn:gapura:problem:validation_failed", "title": "Some fields are not valid", "status": 422,
                "code": "validation_failed", "detail": "2 fields are not valid", "request_id": "request-1",
                "errors": ["b": "is \"bad\"", "a": "is missing"],
            ])
    }

    @Test("what is unavailable says when to try again, rounded up")
    func unavailable() {
        let response = Problem.unavailable(retryAfter: .milliseconds(1_200)).response(requestID: "-")
        #expect(response.status == 503)
        #expect(response["Retry-After"] == "2")
    }
}
