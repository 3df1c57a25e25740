import AccountsApplication
import AccountsDomain
import Crypto
import HTTP
import HTTPClient
import HTTPClientDoubles
import JSON
import Shared
import Synchronization
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Sber ID")
struct SberProviderTests {
    private let issuer: IssuerDouble

    init() throws {
        issuer = try IssuerDouble(.rs256)
        issuer.change { script in
            script.claims["email"] = nil
            script.userinfo = [
                "sub": "subject", "aud": .string(IssuerDouble.clientID), "given_name": "Анна", "family_name": "Петрова",
                "email": "ana@example.com",
            ]
        }
    }

    private func provider(roots: Bool = false) throws -> SberProvider {
        var configuration = SberConfiguration(
            clientID: IssuerDouble.clientID, clientSecret: Secret("secret"),
            authorizationEndpoint: try FetchURL("https://issuer.example/authorize.do"),
            tokenEndpoint: try FetchURL("https://issuer.example/token"),
            userinfoEndpoint: try FetchURL("https://issuer.example/userinfo"), issuer: IssuerDouble.issuer,
            keysEndpoint: try FetchURL("https://issuer.example/keys"))
        if roots { configuration.trust = FetchTrust(roots: [1]) }
        return SberProvider(configuration, issuer.environment)
    }

    private func exchange(_ provider: SberProvider) async throws -> ExternalProfile {
        try await provider.exchange(IssuerDouble.callback, flow: IssuerDouble.flow)
    }

    @Test("openid comes first, and nothing about documents is asked")
    func authorization() async throws {
        let url = try await provider().authorization(for: IssuerDouble.flow)
        let query = try #require(FormData(String(url.split(separator: "?")[1]))?.object)
        #expect(query["scope"] == "openid name email")
        #expect(query["client_type"] == "PRIVATE")
        #expect(query["nonce"] == .string(IssuerDouble.flow.nonce))
    }

    @Test("a name, an address without trust, and a number of its own for each call")
    func profile() async throws {
        let profile = try await exchange(provider())
        #expect(profile.subject == "subject")
        #expect(profile.email?.text == "ana@example.com")
        #expect(profile.emailTrust == .none)
        #expect(profile.claims.name == "Анна Петрова")
        let numbers = issuer.http.requests.compactMap { request in
            request.headers.first { $0.name.lowercased().hasSuffix("rquid") }?.value
        }
        #expect(numbers.count == 2)
        #expect(Set(numbers).count == 2)
        #expect(numbers.allSatisfy { $0.utf8.count == 32 && $0.utf8.allSatisfy { Hex.value(of: $0) != nil } })
    }

    @Test("userinfo of somebody else, or for another client")
    func substitution() async throws {
        issuer.change { $0.userinfo = ["sub": "other", "aud": .string(IssuerDouble.clientID)] }
        let sber = try provider()
        #expect(await issuer.fault(sber) == .rejected(reason: "userinfo_subject"))
        issuer.change { $0.userinfo = ["sub": "subject", "aud": "another"] }
        #expect(await issuer.fault(sber) == .rejected(reason: "userinfo_audience"))
    }

    @Test("a GOST signature counts by TLS to their roots, and never otherwise; the claims count all the same")
    func gost() async throws {
        issuer.change { $0.header = ["alg": "gost34.10-2012", "kid": .null] }
        let (plain, pinned) = (try provider(), try provider(roots: true))
        #expect(await issuer.fault(plain) == .rejected(reason: "id_token_algorithm"))
        #expect(await issuer.fault(pinned) == nil)
        issuer.claim("nonce", "another")
        #expect(await issuer.fault(pinned) == .rejected(reason: "id_token_nonce"))
    }

    @Test("none, and a wrong RS256, are refused with their roots, too")
    func signature() async throws {
        let pinned = try provider(roots: true)
        issuer.change { $0.header["alg"] = "none" }
        #expect(await issuer.fault(pinned) == .rejected(reason: "id_token_algorithm"))
        let other = try PrivateSigningKey.generate(.rs256)
        let kid = issuer.script.withLock { $0.key.kid }
        issuer.change { script in
            script.key = other
            script.header = ["kid": .string(kid)]
        }
        #expect(await issuer.fault(pinned) == .rejected(reason: "id_token_signature"))
    }
}
