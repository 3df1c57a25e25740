import Shared
import Testing

@testable import HTTPClient

@Suite("A URL that others may be asked at")
struct FetchURLTests {
    @Test("has one form")
    func parts() throws {
        let url = try FetchURL("HTTPS://Hooks.Example.COM:8443/a/b?c=%20d")
        #expect(url.isSecure)
        #expect(url.host == .name("hooks.example.com"))
        #expect(url.port == 8443)
        #expect(url.text == "https://hooks.example.com:8443/a/b?c=%20d")
        #expect(url.origin == "https://hooks.example.com:8443")
        #expect(try FetchURL("https://example.com:443").text == "https://example.com/")
        #expect(try FetchURL("http://example.com?a").text == "http://example.com/?a")
        #expect(try FetchURL("https://[2001:DB8::1]/x").text == "https://[2001:db8::1]/x")
    }

    @Test("shows neither path nor query in a log")
    func description() throws {
        #expect("\(try FetchURL("https://example.com/secret?token=1"))" == "https://example.com:443")
    }

    @Test(
        "is refused where two programs could read it differently",
        arguments: [
            ("ftp://example.com", .scheme), ("example.com", .scheme), ("https:example.com", .scheme),
            ("//example.com", .scheme), ("https://", .host), ("https:///a", .host),
            ("https://user@example.com", .credentials), ("https://a:b@example.com", .credentials),
            ("https://example.com/#a", .fragment), ("https://example.com/\u{E9}", .characters),
            ("https://example.com/a b", .characters), ("https://example.com\\@10.0.0.1/", .characters),
            ("https://example.com\r\nX: y", .characters), ("https://ex%61mple.com", .host),
            ("https://example.com:", .port), ("https://example.com:0", .port), ("https://example.com:65536", .port),
            ("https://example.com:+1", .port), ("https://example.com:80:80", .port), ("https://example.com.", .host),
            ("https://a..b", .host), ("https://-a.example", .host), ("https://127.1", .host),
            ("https://2130706433", .host), ("https://0x7f000001", .host), ("https://0177.0.0.1", .host),
            ("https://1.2.3.4.5", .host), ("https://[::ffff:8.8.8.8]", .host), ("https://[::1", .host),
            ("https://[fe80::1%25eth0]", .host), ("https://[::1]x", .host), ("https://[8.8.8.8]", .host),
        ] as [(String, FetchURL.Problem)])
    func problems(text: String, problem: FetchURL.Problem) {
        #expect(throws: problem) { try FetchURL(text) }
    }

    @Test("of more than 2,048 bytes is refused")
    func long() throws {
        let start = "https://example.com/"
        #expect(throws: FetchURL.Problem.tooLong) { try FetchURL(start + String(repeating: "a", count: 2_029)) }
        _ = try FetchURL(start + String(repeating: "a", count: 2_028))
    }

    @Test(
        "is the base of a reference",
        arguments: [
            ("http://x.example/y", "http://x.example/y"), ("//x.example/y", "https://x.example/y"),
            ("/y?z", "https://a.example:8443/y?z"), ("y", "https://a.example:8443/b/y"),
            ("../y", "https://a.example:8443/y"), ("../../../y", "https://a.example:8443/y"),
            ("./", "https://a.example:8443/b/"), ("?q", "https://a.example:8443/b/c?q"),
            ("", "https://a.example:8443/b/c?d"), ("#part", "https://a.example:8443/b/c?d"),
            ("/y?u=http://z.example", "https://a.example:8443/y?u=http://z.example"),
            ("?u=http://z.example", "https://a.example:8443/b/c?u=http://z.example"),
        ])
    func references(reference: String, expected: String) throws {
        let base = try FetchURL("https://a.example:8443/b/c?d")
        #expect(try base.resolving(reference).text == expected)
    }
}
