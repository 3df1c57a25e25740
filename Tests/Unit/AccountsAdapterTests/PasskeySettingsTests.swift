import Configuration
import Testing

@testable import AccountsInfrastructure

@Suite("The settings of passkeys")
struct PasskeySettingsTests {
    private func read(
        _ appURL: String, _ values: [String: String] = [:], pages: String? = nil
    ) -> (settings: PasskeySettings?, failed: [String]) {
        var reader = SettingsReader(values: values) { _ in "" }
        let settings = PasskeySettings(&reader, appURL: appURL, pagesURL: pages)
        return (settings, reader.failures.map(\.name))
    }

    @Test("without a word they are for the host of APP_URL, without its port")
    func standard() {
        let (settings, failed) = read("https://id.example.com:8443")
        #expect(settings?.relyingPartyID == "id.example.com")
        #expect(settings?.origins == ["https://id.example.com:8443"])
        #expect(failed == [])
        #expect(read("http://localhost:8080").settings?.relyingPartyID == "localhost")
    }

    @Test(
        "at an address of numbers, or without https, there are none",
        arguments: ["http://127.0.0.1:8080", "https://192.0.2.1", "https://[2001:db8::1]", "http://id.example.com"])
    func none(_ appURL: String) {
        let (settings, failed) = read(appURL)
        #expect(settings == nil)
        #expect(failed == [])
        #expect(read(appURL, ["PASSKEY_RP_ID": "example.com"]).failed == ["PASSKEY_RP_ID"])
        #expect(read(appURL, ["PASSKEY_ORIGINS": "https://example.com"]).failed == ["PASSKEY_ORIGINS"])
    }

    @Test("a domain above the host can be named, and nothing else")
    func relyingParty() {
        #expect(
            read("https://id.example.com", ["PASSKEY_RP_ID": "example.com"]).settings?.relyingPartyID == "example.com")
        let wrong = [
            "com", "other.example", "ample.com", "a.id.example.com", "example.com:443", "https://example.com",
            "EXAMPLE.com", ".example.com", "example.com.", "192.0.2.1",
        ]
        for id in wrong {
            let (settings, failed) = read("https://id.example.com", ["PASSKEY_RP_ID": id])
            #expect(settings == nil)
            #expect(failed == ["PASSKEY_RP_ID"], "\(id)")
        }
    }

    @Test("origins are whole, at or below the domain, with https but for localhost")
    func origins() {
        let values = [
            "PASSKEY_RP_ID": "example.com", "PASSKEY_ORIGINS": "https://app.example.com, https://example.com:8443",
        ]
        #expect(
            read("https://id.example.com", values).settings?.origins == [
                "https://id.example.com", "https://app.example.com", "https://example.com:8443",
            ])
        for origin in [
            "http://app.example.com", "https://badexample.com", "https://app.example.com/", "app.example.com",
            "https://192.0.2.1", "null",
        ] {
            let (settings, failed) = read("https://id.example.com", values.merging(["PASSKEY_ORIGINS": origin]) { $1 })
            #expect(failed == ["PASSKEY_ORIGINS"], "\(origin)")
            #expect(settings == nil || settings?.origins == ["https://id.example.com"])
        }
        let local = read("http://localhost:8080", ["PASSKEY_ORIGINS": "http://localhost:3000"]).settings
        #expect(local?.origins == ["http://localhost:8080", "http://localhost:3000"])
    }

    @Test("the operator's own pages are in the list where they can be, and else the reason is there")
    func pages() {
        let (usable, none) = (
            read("https://example.com", pages: "https://app.example.com:8443/account"), read("https://example.com")
        )
        #expect(usable.settings?.origins == ["https://example.com", "https://app.example.com:8443"])
        #expect(usable.settings?.pagesObstacle == nil)
        #expect(none.settings?.pagesObstacle == nil)
        for pages in ["https://elsewhere.example", "http://app.example.com", "nonsense"] {
            let (settings, failed) = read("https://example.com", pages: pages)
            #expect(settings?.origins == ["https://example.com"])
            #expect(settings?.pagesObstacle != nil)
            #expect(failed == [])
        }
        #expect(read("https://example.com", pages: "https://example.com/account").settings?.origins.count == 1)
    }
}
