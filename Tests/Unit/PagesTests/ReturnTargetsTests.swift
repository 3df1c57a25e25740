import Pages
import Testing

@Suite("Where a browser may be sent")
struct ReturnTargetsTests {
    private let targets = ReturnTargets(
        own: "https://id.example.com",
        listed: [
            "https://app.example.com", "https://shop.example.com/store/", "http://localhost:3000",
            "com.example.app:/done",
        ])

    @Test(
        "paths of our own, and what is listed",
        arguments: [
            "/account", "/account/keys?cursor=a%2Fb", "/", "/a/b%20c", "/sign-inside",
            "https://app.example.com", "https://app.example.com/", "https://app.example.com/any/where?q=1",
            "https://shop.example.com/store", "https://shop.example.com/store/cart", "http://localhost:3000/x",
        ])
    func allowed(_ text: String) {
        #expect(targets.target(text)?.text == text)
    }

    @Test("our own origin in full is a path")
    func own() {
        #expect(targets.target("https://id.example.com/account?x=1") == .path("/account?x=1"))
        #expect(targets.target("https://id.example.com") == .path("/"))
        #expect(targets.target("https://id.example.com/sign-in") == nil)
    }

    @Test("an app by its whole address")
    func app() {
        #expect(targets.target("com.example.app:/done") == .app("com.example.app:/done"))
        #expect(targets.target("com.example.app:/done/") == nil)
        #expect(targets.target("com.example.app:/done?x=1") == nil)
    }

    @Test(
        "everything else is refused, never mended",
        arguments: [
            "", "account", "//evil.example", "/\\evil.example", "\\/evil.example", "///evil.example", "/ x", "/a b",
            "/%2fevil.example", "/%5Cevil.example", "/%2F/evil.example", "/%09/x", "/%20x", "/a\u{7}", "/a\n", "/é",
            "/./x", "/../x", "/a/../b", "/a/%2e%2e/b", "/%zz", "/x#y", "https://app.example.com#x",
            "https://user@app.example.com/", "https://app.example.com:443/", "https://app.example.com:8443/",
            "http://app.example.com/", "https://APP.example.com/", "https://app.example.com.evil.example/",
            "https://app.example.com@evil.example/", "https://app.example.com\\@evil.example/",
            "https://аpp.example.com/",
            "https://shop.example.com/", "https://shop.example.com/storefront", "https://shop.example.com/store/../x",
            "https://shop.example.com/store/%2e%2e/x", "https:app.example.com", "https:///app.example.com",
            "https://app.example.com//evil.example", "javascript:alert(1)", "data:text/html,x",
            "http://localhost:3001/",
            "/sign-in", "/sign-in/code", "/sign-up", "/sign-out", "/refresh-token/continue",
            "/auth/social/callback/google",
            "/google/login?return_to=/", "/" + String(repeating: "a", count: 1_024),
        ])
    func refused(_ text: String) {
        #expect(targets.target(text) == nil)
    }

    @Test("what can be an entry of REDIRECT_URLS")
    func entries() {
        for text in ["https://app.example.com", "https://app.example.com/path", "com.example.app:/done"] {
            #expect(ReturnTargets.isEntry(text, isProduction: true), "\(text)")
        }
        for text in [
            "http://app.example.com", "http://localhost:3000", "app:/done", "javascript:x",
            "https://app.example.com?x=1",
            "https://app.example.com#x", "https://*.example.com", "HTTPS://app.example.com", "", "example.com",
        ] {
            #expect(!ReturnTargets.isEntry(text, isProduction: true), "\(text)")
        }
        #expect(ReturnTargets.isEntry("http://localhost:3000", isProduction: false))
        #expect(!ReturnTargets.isEntry("http://app.example.com", isProduction: false))
    }
}
