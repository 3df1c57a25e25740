import AccountsApplication
import AccountsDomain
import Crypto
import HTTPClient
import HTTPClientDoubles
import JSON
import Shared
import Synchronization
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("The checks of an id_token")
struct IDTokenTests {
    private let issuer: IssuerDouble

    init() throws {
        issuer = try IssuerDouble()
    }

    private func reason() async -> String? {
        guard case .rejected(let reason) = await issuer.fault(issuer.provider()) else { return nil }
        return reason
    }

    @Test("a sound one gives a profile", arguments: [SigningAlgorithm.es256, .rs256, .edDSA])
    func sound(algorithm: SigningAlgorithm) async throws {
        let issuer = try IssuerDouble(algorithm)
        let profile = try await issuer.provider().exchange(IssuerDouble.callback, flow: IssuerDouble.flow)
        #expect(profile.issuer == IssuerDouble.issuer)
        #expect(profile.subject == "subject")
        #expect(profile.email?.text == "ana@example.com")
        #expect(profile.emailTrust == .authoritative)
        #expect(profile.claims.name == "Ana Wijaya")
        // Nothing is missing in it, so nothing else is asked.
        #expect(!issuer.paths().contains("/userinfo"))
    }

    @Test("one wrong claim each, each with its own reason")
    func claims() async throws {
        let now = issuer.clock.now.seconds
        let cases: [(String, JSONValue?, String)] = [
            ("iss", "https://issuer.example/", "issuer"), ("iss", nil, "issuer"),
            ("aud", "another", "audience"), ("aud", nil, "audience"), ("aud", ["another"], "audience"),
            ("aud", ["client", "another"], "authorized_party"), ("azp", "another", "authorized_party"),
            ("exp", nil, "times"), ("iat", nil, "times"), ("exp", "soon", "times"),
            ("exp", .integer(now - 60), "expired"), ("iat", .integer(now + 61), "not_yet_valid"),
            ("nbf", .integer(now + 61), "not_yet_valid"), ("iat", .integer(now - 661), "too_old"),
            ("nonce", "another", "nonce"), ("nonce", nil, "nonce"), ("at_hash", "AAAA", "at_hash"),
            ("sub", nil, "subject"), ("sub", "", "subject"),
            ("sub", .string(String(repeating: "s", count: 256)), "subject"),
        ]
        for (name, value, expected) in cases {
            let usual = issuer.script.withLock { $0.claims[name] }
            issuer.claim(name, value)
            #expect(await reason() == "id_token_\(expected)", "\(name)")
            issuer.claim(name, usual)
        }
        #expect(await reason() == nil)
    }

    @Test("times within the leeway, several audiences with an azp, and a right at_hash are fine")
    func tolerance() async throws {
        let now = issuer.clock.now.seconds
        issuer.claim("exp", .integer(now - 59))
        issuer.claim("iat", .integer(now - 600))
        #expect(await reason() == nil)
        issuer.claim("iat", .integer(now + 60))
        issuer.claim("nbf", .integer(now + 60))
        issuer.claim("aud", ["another", "client"])
        issuer.claim("azp", "client")
        issuer.claim("at_hash", .string(Base64URL.encode(SHA256.hash(Array("access".utf8)).prefix(16))))
        #expect(await reason() == nil)
    }

    @Test("auth_time has to be there, and young enough, once it was asked for")
    func authenticationTime() async throws {
        let start = issuer.clock.now
        let flow = FlowRequest(
            state: "state", nonce: IssuerDouble.flow.nonce, verifier: IssuerDouble.flow.verifier,
            redirectURI: IssuerDouble.flow.redirectURI, maxAge: .zero, language: nil, startedAt: start)
        let rejected = ProviderFault.rejected(reason: "id_token_auth_time")
        #expect(await issuer.fault(issuer.provider(), flow) == rejected)
        for seconds in [start.seconds - 61, start.seconds + 3_600] {
            issuer.claim("auth_time", .integer(seconds))
            #expect(await issuer.fault(issuer.provider(), flow) == rejected)
        }
        issuer.claim("auth_time", .integer(start.seconds))
        #expect(await issuer.fault(issuer.provider(), flow) == nil)
    }

    @Test("none, HS256 with the public key, and an algorithm that is not the key's")
    func algorithms() async throws {
        issuer.change { $0.header["alg"] = "none" }
        #expect(await reason() == "id_token_algorithm")
        issuer.change { $0.header["alg"] = "HS256" }
        #expect(await reason() == "id_token_algorithm")
        issuer.change { $0.header["alg"] = "RS256" }
        #expect(await reason() == "id_token_key_algorithm")
        issuer.change { $0.header = ["crit": ["exp"]] }
        #expect(await reason() == "id_token_critical_header")
    }

    @Test("HS256 counts where it is configured, under the client's secret")
    func sharedSecret() async throws {
        let provider = issuer.provider { $0.algorithms = [.hs256] }
        let secret = provider.configuration.clientSecret
        let key = try PrivateSigningKey(.hs256, serialized: Secret(Array(secret.reveal().utf8)))
        issuer.change { $0.key = key }
        #expect(await issuer.fault(provider) == nil)
        let other = try PrivateSigningKey.generate(.hs256)
        issuer.change { $0.key = other }
        #expect(await issuer.fault(provider) == .rejected(reason: "id_token_signature"))
    }

    @Test("four parts, five parts, and one over 16 KiB")
    func shapes() async throws {
        for text in ["a.b", "a.b.c.d", "e30.e30.e30.e30.e30", "not a token"] {
            issuer.change { $0.tokens["id_token"] = .string(text) }
            #expect(await reason() == "id_token_malformed", "\(text)")
        }
        issuer.change { $0.tokens["id_token"] = .string(String(repeating: "a", count: 16_385)) }
        #expect(await reason() == "id_token_oversized")
        issuer.change { $0.tokens["id_token"] = 7 }
        #expect(await reason() == "id_token_missing")
    }

    @Test("a wrong signature")
    func signature() async throws {
        let other = try PrivateSigningKey.generate(.es256)
        let kid = issuer.script.withLock { $0.key.kid }
        issuer.change { script in
            script.key = other
            script.header["kid"] = .string(kid)
        }
        #expect(await reason() == "id_token_signature")
    }

    @Test("a kid that nobody publishes; without a kid the only key for the algorithm")
    func kid() async throws {
        issuer.change { $0.header["kid"] = "nobody" }
        #expect(await reason() == "id_token_unknown_key")
        issuer.change { $0.header["kid"] = .null }
        #expect(await reason() == nil)
        let second = try PrivateSigningKey.generate(.es256)
        issuer.change { $0.publishedKeys.append(second) }
        issuer.clock.advance(by: .seconds(61))
        issuer.claim("exp", .integer(issuer.clock.now.seconds + 300))
        let provider = issuer.provider()
        #expect(await issuer.fault(provider) == .rejected(reason: "id_token_unknown_key"))
    }
}
