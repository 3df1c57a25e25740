import AccountsDomain
import Configuration
import Shared
import Testing

@testable import AccountsInfrastructure

@Suite("Settings of identity providers")
struct ProviderSettingsTests {
    private static let pem = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n"

    private func read(
        _ values: [String: String], isProduction: Bool = true
    ) -> (settings: ProviderSettings, failures: [String]) {
        var reader = SettingsReader(values: values) { _ in Self.pem }
        let settings = ProviderSettings(&reader, isProduction: isProduction)
        return (settings, reader.failures.map(\.name))
    }

    @Test("nothing set is nothing wrong")
    func none() {
        let (settings, failures) = read([:])
        #expect(settings.isEmpty)
        #expect(failures == [])
    }

    @Test(
        "half of a provider's variables name the missing one",
        arguments: [
            (["GOOGLE_CLIENT_ID": "a"], ["GOOGLE_CLIENT_SECRET"]),
            (["GOOGLE_CLIENT_SECRET": "a"], ["GOOGLE_CLIENT_ID"]),
            (["GITHUB_CLIENT_SECRET_FILE": "a"], ["GITHUB_CLIENT_ID"]),
            (["GITHUB_TOKEN_URL": "https://a.example/"], []),
            (["OIDC_CORP_CLIENT_ID": "a", "OIDC_CORP_CLIENT_SECRET": "b"], ["OIDC_CORP_ISSUER"]),
            (["OIDC_CORP_ISSUER": "https://a.example", "OIDC_CORP_CLIENT_ID": "a"], ["OIDC_CORP_CLIENT_SECRET"]),
            (
                ["SBER_CLIENT_ID": "a", "SBER_CLIENT_SECRET": "b", "SBER_CERT_FILE": "c"],
                ["SBER_KEY_FILE", "SBER_CA_FILE"]
            ),
            (["SBER_CERT_FILE": "c"], ["SBER_CLIENT_ID", "SBER_CLIENT_SECRET"]),
        ] as [([String: String], [String])])
    func halves(values: [String: String], missing: [String]) {
        #expect(read(values).failures == missing)
    }

    @Test("all of them in order, with what was set")
    func whole() throws {
        let (settings, failures) = read([
            "GOOGLE_CLIENT_ID": "g", "GOOGLE_CLIENT_SECRET": "s", "GOOGLE_HOSTED_DOMAINS": "Example.com",
            "GOOGLE_REDIRECT_URI": "https://id.example/auth/social/callback/google", "GITHUB_CLIENT_ID": "h",
            "GITHUB_CLIENT_SECRET": "s", "SBER_CLIENT_ID": "b", "SBER_CLIENT_SECRET": "s", "SBER_CERT_FILE": "c",
            "SBER_KEY_FILE": "k", "SBER_CA_FILE": "r", "OIDC_MY_CORP_ISSUER": "https://corp.example/",
            "OIDC_MY_CORP_CLIENT_ID": "o", "OIDC_MY_CORP_CLIENT_SECRET": "s", "OIDC_MY_CORP_AUTH": "client_secret_post",
            "OIDC_MY_CORP_SCOPES": "openid email", "OIDC_MY_CORP_TRUST_EMAIL": "on", "OIDC_CLOCK_LEEWAY": "5m",
            "OIDC_SERVICE_HOST": "10.0.0.1",
        ])
        #expect(failures == [])
        let google = try #require(settings.google)
        #expect(google.hostedDomains == ["example.com"])
        #expect(google.redirectURI == "https://id.example/auth/social/callback/google")
        #expect(google.leeway == .seconds(300))
        #expect(settings.gitHub?.clientID == "h")
        #expect(settings.sber?.believesTLS == true)
        let corp = try #require(settings.openID.first)
        #expect(settings.openID.count == 1)
        #expect(corp.name.text == "oidc:my_corp")
        #expect(corp.label == "My corp")
        // The slash at the end counts.
        #expect(corp.documentIssuer == "https://corp.example/")
        #expect(corp.authentication == .post)
        #expect(corp.scopes == ["openid", "email"])
        #expect(corp.emailRule == .trusted)
    }

    @Test("a template needs tenants without a wildcard, and no trust in addresses")
    func template() throws {
        let tenant = "11111111-2222-3333-4444-555555555555"
        let values = [
            "OIDC_MS_ISSUER_TEMPLATE": "https://login.example/{tenantid}/v2.0", "OIDC_MS_CLIENT_ID": "a",
            "OIDC_MS_CLIENT_SECRET": "b",
        ]
        #expect(read(values).failures == ["OIDC_MS_TENANTS"])
        #expect(read(values.merging(["OIDC_MS_TENANTS": "*"]) { $1 }).failures == ["OIDC_MS_TENANTS"])
        let listed = values.merging(["OIDC_MS_TENANTS": tenant.uppercased()]) { $1 }
        let trusting = listed.merging(["OIDC_MS_TRUST_EMAIL": "on"]) { $1 }
        #expect(read(trusting).failures == ["OIDC_MS_TRUST_EMAIL"])
        let (settings, failures) = read(listed)
        #expect(failures == [])
        #expect(settings.openID.first?.tenants == [tenant])
        #expect(
            read(
                values.merging(["OIDC_MS_ISSUER_TEMPLATE": "https://login.example/v2.0", "OIDC_MS_TENANTS": tenant]) {
                    $1
                }
            ).failures == ["OIDC_MS_ISSUER_TEMPLATE"])
    }

    @Test(
        "values that are none",
        arguments: [
            ("OIDC_CORP_ISSUER", "http://corp.example"), ("OIDC_CORP_ISSUER", "corp"), ("OIDC_CORP_AUTH", "both"),
            ("OIDC_CORP_SCOPES", "email"), ("OIDC_CORP_ALGORITHMS", "none"), ("OIDC_CORP_ALGORITHMS", "HS256"),
            ("OIDC_CORP_TRUST_EMAIL", "perhaps"), ("OIDC_CLOCK_LEEWAY", "301s"), ("OIDC_CORP_TENANTS", "a"),
        ])
    func bad(name: String, value: String) {
        let values = [
            "OIDC_CORP_ISSUER": "https://corp.example", "OIDC_CORP_CLIENT_ID": "a", "OIDC_CORP_CLIENT_SECRET": "b",
        ]
        #expect(read(values).failures == [])
        #expect(read(values.merging([name: value]) { $1 }).failures.contains(name))
    }

    @Test("an issuer's name that has variables of its own")
    func taken() {
        #expect(read(["OIDC_GOOGLE_CLIENT_ID": "a"]).failures == ["OIDC_GOOGLE"])
    }
}
