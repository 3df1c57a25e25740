import HTTP
import HTTPServer
import Shared
import Testing

@Suite("The guard over request heads")
struct RequestGuardTests {
    private func verdict(
        _ fields: [(String, String)], method: String = "POST", target: String = "/a", version: String = "HTTP/1.1"
    ) -> RequestGuard.Verdict {
        var requestGuard = RequestGuard(bodyLimit: ByteCount(bytes: 100))
        let (methodBytes, targetBytes, versionBytes) = (Array(method.utf8), Array(target.utf8), Array(version.utf8))
        methodBytes.withUnsafeBufferPointer { method in
            targetBytes.withUnsafeBufferPointer { target in
                versionBytes.withUnsafeBufferPointer { version in
                    requestGuard.check(method: method, target: target, version: version)
                }
            }
        }
        for (name, value) in fields {
            Array(name.utf8).withUnsafeBufferPointer { name in
                Array(value.utf8).withUnsafeBufferPointer { value in requestGuard.check(name: name, value: value) }
            }
        }
        return requestGuard.verdict()
    }

    private func isMalformed(_ verdict: RequestGuard.Verdict) -> Bool {
        if case .refused(.malformed) = verdict { return true }
        return false
    }

    @Test("a plain request is accepted with the framing its fields say")
    func framing() {
        #expect(verdict([("Host", "a.example:8080")]) == .accepted(.none))
        #expect(verdict([("host", "[::1]:80"), ("content-LENGTH", "0")]) == .accepted(.none))
        #expect(verdict([("Host", "a"), ("Content-Length", "100")]) == .accepted(.length(100)))
        #expect(verdict([("Host", "a"), ("Content-Length", "007")]) == .accepted(.length(7)))
        #expect(verdict([("Host", "a"), ("Transfer-Encoding", "Chunked")]) == .accepted(.chunked))
    }

    @Test("HTTP/1.0 needs no Host, but may have one, and no Transfer-Encoding")
    func version10() {
        #expect(verdict([], version: "HTTP/1.0") == .accepted(.none))
        #expect(verdict([("Host", "a")], version: "HTTP/1.0") == .accepted(.none))
        #expect(isMalformed(verdict([("Host", "a"), ("Host", "a")], version: "HTTP/1.0")))
        #expect(isMalformed(verdict([("Transfer-Encoding", "chunked")], version: "HTTP/1.0")))
    }

    @Test(
        "a length over the limit, or beyond all numbers, is told as such",
        arguments: ["101", "99999999999999999999999"])
    func tooLarge(length: String) {
        #expect(verdict([("Host", "a"), ("Content-Length", length)]) == .refused(.bodyTooLarge(limitBytes: 100)))
    }

    @Test(
        "ambiguous framing is refused",
        arguments: [
            [("Content-Length", "1"), ("Content-Length", "1")], [("Content-Length", "1"), ("Content-Length", "2")],
            [("Content-Length", "+1")], [("Content-Length", "-1")], [("Content-Length", "")],
            [("Content-Length", "1, 1")], [("Content-Length", "0x1")], [("Content-Length", "1 ")],
            [("Content-Length", "1"), ("Transfer-Encoding", "chunked")],
            [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
            [("Transfer-Encoding", "gzip, chunked")], [("Transfer-Encoding", "chunked ")],
            [("Transfer-Encoding", "identity")], [("Transfer-Encoding", "")],
        ])
    func ambiguous(fields: [(String, String)]) {
        #expect(isMalformed(verdict([("Host", "a")] + fields)))
    }

    @Test(
        "a missing, second or odd Host is refused",
        arguments: [
            [], [("Host", "a"), ("Host", "b")], [("Host", "")], [("Host", " ")], [("Host", "a b")], [("Host", "a/b")],
            [("Host", "u@a")], [("Host", "a,b")], [("Host", "\u{E9}")],
        ])
    func host(fields: [(String, String)]) {
        #expect(isMalformed(verdict(fields)))
    }

    @Test(
        "field names must be tokens and values free of control bytes",
        arguments: [
            ("X A", "1"), ("X-A ", "1"), ("", "1"), ("X(A)", "1"), ("X\u{E9}", "1"), ("X-A", "a\u{0}b"),
            ("X-A", "a\rb"), ("X-A", "a\nb"), ("X-A", "a\u{7F}b"), ("X-A", "a\u{1B}b"),
        ])
    func fields(name: String, value: String) {
        #expect(isMalformed(verdict([("Host", "a"), (name, value)])))
    }

    @Test("tabs and bytes beyond ASCII may be in a value, white space behind a Host")
    func allowedValues() {
        #expect(verdict([("Host", "a \t"), ("X-A", "a\tb \u{E9}"), ("X!#$%&'*+-.^_`|~9", "")]) == .accepted(.none))
    }

    @Test(
        "the address of a path is a target as well, and a star for OPTIONS",
        arguments: ["http://a.example/b", "HTTP://a.example:8080/b?c", "https://[::1]:1/", "http://a", "http://a?b"])
    func absoluteTarget(target: String) {
        #expect(verdict([("Host", "other.example")], target: target) == .accepted(.none))
        #expect(verdict([("Host", "a")], method: "OPTIONS", target: "*") == .accepted(.none))
    }

    @Test(
        "a target must be a path of visible ASCII without U+0000",
        arguments: [
            "", "**", "a", "http:///b", "http://", "http://u@a/b", "http://a b/c", "http://a\\b/", "ftp://a/b",
            "http:/a",
            "a:443", "/a b", "/a\tb", "/\u{E9}", "/a%00b", "/a?b=%00", "/a\u{0}", "/\u{7F}",
        ])
    func target(target: String) {
        #expect(isMalformed(verdict([("Host", "a")], target: target)))
        #expect(isMalformed(verdict([("Host", "a")], method: "OPTIONS", target: target)))
        #expect(isMalformed(verdict([("Host", "a")], target: "*")))
    }

    @Test(
        "escapes other than U+0000 are the router's business",
        arguments: ["/a%2Fb", "/%", "/%0", "/%zz", "/?a=b&c=%20"])
    func rawTarget(target: String) {
        #expect(verdict([("Host", "a")], target: target) == .accepted(.none))
    }

    @Test("only HTTP/1.0 and HTTP/1.1 are spoken", arguments: ["HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", ""])
    func version(version: String) {
        #expect(isMalformed(verdict([("Host", "a")], version: version)))
    }

    @Test("a method must be a token", arguments: ["", "GE T", "G\u{0}T", "G(T"])
    func method(method: String) {
        #expect(isMalformed(verdict([("Host", "a")], method: method)))
    }
}
