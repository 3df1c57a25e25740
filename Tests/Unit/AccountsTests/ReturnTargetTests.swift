import AccountsDomain
import Testing

@Suite("Where people may go after a sign-in")
struct ReturnTargetTests {
    private static func rules(
        _ entries: [String] = [
            "https://shop.example.com/app", "https://wide.example.com", "https://port.example.com:8443/",
            "http://localhost:3000", "com.example.app:/done", "com.example.app:/done?v=1",
        ], allowsPlainLoopback: Bool = true
    ) -> ReturnRules {
        ReturnRules(entries.compactMap { ReturnRules.Entry($0, allowsPlainLoopback: allowsPlainLoopback) })
    }

    @Test(
        "a target that counts is gone to as it is",
        arguments: [
            "/", "/account", "/account?tab=keys&x=%5C", "/a//b", "/a/b%20c", "/signing", "/oidcx", "/google",
            "/authors", "https://shop.example.com/app", "https://shop.example.com/app/",
            "https://shop.example.com/app/x?y=1",
            "https://shop.example.com/app?next=https://evil.example", "https://wide.example.com/",
            "https://wide.example.com/any/where", "https://port.example.com:8443/x", "http://localhost:3000/",
            "com.example.app:/done", "com.example.app:/done?v=1",
        ])
    func good(_ text: String) throws {
        let target = try #require(Self.rules().target(text))
        #expect(target.text == text)
    }

    @Test(
        "a target that a browser reads otherwise than it looks is written in one way",
        arguments: [
            ("https://WIDE.example.COM", "https://wide.example.com/"),
            ("HTTPS://wide.example.com:443/x", "https://wide.example.com/x"),
            ("https://wide.example.com?x=1", "https://wide.example.com/?x=1"), ("/caf\u{E9}", "/caf%C3%A9"),
        ])
    func normalized(_ given: String, _ text: String) throws {
        #expect(try #require(Self.rules().target(given)).text == text)
    }

    @Test(
        "what could lead elsewhere is refused",
        arguments: [
            "", "account", "//evil.example", "/\\evil.example", "/a\\b", "\\\\evil.example", "/%5Cevil.example",
            "/%5cevil.example", "/%2Fevil.example", "/%09/evil.example", "/%0d%0aSet-Cookie:x", "/%20x", "/%7F",
            "/%C2%85", "/ x", "/a b", "/a\tb", "/a\nb", "/\u{0}", "/a\u{A0}b", "/a\u{2028}b", " /account", "/a#b",
            "https://wide.example.com/#x", "/..", "/a/../sign-in", "/a/%2e%2E/sign-in", "/./sign-in", "/%zz", "/%e",
            "/%ff", "https://evil.example/", "https://shop.example.com/", "https://shop.example.com/apple",
            "https://shop.example.com/app/../admin", "https://shop.example.com/app/%2e%2e/admin",
            "https://shop.example.com:8443/app", "https://port.example.com/", "http://wide.example.com/",
            "http://localhost:3001/", "http://localhost/", "https://user@wide.example.com/",
            "https://wide.example.com@evil.example/", "https://wide.example.com:x@evil.example/",
            "https://wide.example.com.evil.example/", "https://wide.example.com./", "https://wide.example.com:0/",
            "https://wide.example.com:99999/", "https://wide.example.com:/", "https:wide.example.com",
            "https:/wide.example.com", "https:///wide.example.com", "https://w\u{457}de.example.com/",
            "https://wide\u{FF0E}example.com/", "https://wide.example.com%2eevil.example/", "https://[::1/", "https://",
            "javascript:alert(1)", "data:text/html,x", "com.example.app:/other", "com.example.app:/done/x",
            "COM.EXAMPLE.APP:/done", "com.example.app:/done#x",
        ])
    func bad(_ text: String) { #expect(Self.rules().target(text) == nil) }

    @Test(
        "the paths of signing in and out are no target",
        arguments: [
            "/sign-in", "/sign-in/code", "/sign-in?return_to=/", "/%73ign-in", "/sign-up", "/sign-out", "/step-up",
            "/login", "/login/code", "/logout", "/logout/all", "/refresh-token/continue", "/google/login",
            "/github/login", "/sber/login", "/oidc/acme/login", "/auth/social/callback/google",
        ])
    func signIn(_ text: String) { #expect(Self.rules().target(text) == nil) }

    @Test("a target has at most 1,024 bytes")
    func length() {
        let long = "/" + String(repeating: "a", count: 1_023)
        #expect(Self.rules().target(long) == .path(long))
        #expect(Self.rules().target(long + "a") == nil)
        #expect(Self.rules().target("/" + String(repeating: "\u{E9}", count: 512)) == nil)
    }

    @Test("http on the loopback is for development")
    func development() {
        #expect(Self.rules().target("http://localhost:3000/x") == .page("http://localhost:3000/x"))
        #expect(Self.rules(allowsPlainLoopback: false).target("http://localhost:3000/x") == nil)
    }

    @Test(
        "an entry that could be anything is none",
        arguments: [
            "", "http://example.com", "https://example.com/?x", "https://u@example.com", "https://example.com/a/..",
            "javascript:alert(1)", "data:x", "file:///etc", "app:/done", "shop.example.com", "*",
            "https://*.example.com",
            "com.example.app:/do ne", "/account",
        ])
    func entries(_ text: String) { #expect(ReturnRules.Entry(text, allowsPlainLoopback: true) == nil) }

    @Test("a parameter is added behind others")
    func parameters() throws {
        let rules = Self.rules()
        #expect(
            try #require(rules.target("com.example.app:/done")).adding("code", "x") == "com.example.app:/done?code=x")
        #expect(
            try #require(rules.target("com.example.app:/done?v=1")).adding("code", "x")
                == "com.example.app:/done?v=1&code=x")
    }
}
