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

@Suite("Any issuer of OpenID Connect")
struct OpenIDProviderTests {
    private let issuer: IssuerDouble

    init() throws {
        issuer = try IssuerDouble()
    }

    private func exchange(_ provider: OpenIDProvider) async throws -> ExternalProfile {
        try await provider.exchange(IssuerDouble.callback, flow: IssuerDouble.flow)
    }

    @Test("the browser goes to the discovered address with state, nonce and PKCE")
    func authorization() async throws {
        let url = try await issuer.provider().authorization(for: IssuerDouble.flow)
        #expect(url.hasPrefix("https://issuer.example/authorize?p=1&response_type=code&client_id=client&"))
        let query = try #require(FormData(String(url.split(separator: "?")[1]))?.object)
        #expect(query["state"] == "state")
        #expect(query["nonce"] == .string(IssuerDouble.flow.nonce))
        let challenge = Base64URL.encode(SHA256.hash(Array(IssuerDouble.flow.verifier.reveal().utf8)))
        #expect(query["code_challenge"] == .string(challenge))
        #expect(query["code_challenge_method"] == "S256")
        #expect(query["scope"] == "openid profile email")
        #expect(query["ui_locales"] == "id")
        #expect(query["max_age"] == nil)
    }

    @Test("the code goes out once, over a connection of its own, with the secret in one place")
    func codeExchange() async throws {
        _ = try await exchange(issuer.provider())
        let requests = issuer.http.requests.filter { $0.url.target == "/token" }
        #expect(requests.count == 1)
        let request = try #require(requests.first)
        #expect(request.needsFreshConnection)
        #expect(request.redirectsMax == 0)
        let header = request.headers.first { $0.name == "Authorization" }?.value
        let pair = "client:a%20secret%3A%20of%2032%20bytes%2C%20or%20of%20more"
        #expect(header == "Basic \(StandardBase64.encodePadded(Array(pair.utf8)))")
        let form = try #require(FormData(String(decoding: request.body ?? [], as: UTF8.self))?.object)
        #expect(form["client_secret"] == nil)
        #expect(form["code"] == "the-code")
        #expect(form["code_verifier"] == .string(IssuerDouble.flow.verifier.reveal()))
        #expect(form["redirect_uri"] == .string(IssuerDouble.flow.redirectURI))
    }

    @Test("the secret goes into the body where the document lists nothing else, or the setting says so")
    func post() async throws {
        issuer.change { $0.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"] }
        _ = try await exchange(issuer.provider())
        issuer.change { $0.document["token_endpoint_auth_methods_supported"] = ["client_secret_basic"] }
        _ = try await exchange(issuer.provider { $0.authentication = .post })
        for request in issuer.http.requests where request.url.target == "/token" {
            #expect(!request.headers.contains { $0.name == "Authorization" })
            #expect(String(decoding: request.body ?? [], as: UTF8.self).contains("client_secret=a%20secret"))
        }
        issuer.change { $0.document["token_endpoint_auth_methods_supported"] = ["private_key_jwt"] }
        let fault = await issuer.fault(issuer.provider())
        #expect(fault == .misconfigured("the token endpoint takes no client secret"))
    }

    @Test("an address that only userinfo says, with its own word about it; about nobody else")
    func userinfo() async throws {
        issuer.claim("email", nil)
        #expect(try await exchange(issuer.provider()).emailTrust == .authoritative)
        issuer.claim("email", "claimed@example.com")
        issuer.claim("email_verified", nil)
        let profile = try await exchange(issuer.provider())
        #expect(profile.email?.text == "ana@example.com")
        issuer.change { $0.userinfo = ["sub": "Subject", "email": "ana@example.com", "email_verified": true] }
        #expect(await issuer.fault(issuer.provider()) == .rejected(reason: "userinfo_subject"))
        issuer.change { $0.userinfo = ["sub": "subject"] }
        let unproved = try await exchange(issuer.provider())
        #expect(unproved.email?.text == "claimed@example.com")
        #expect(unproved.emailTrust == .none)
    }

    @Test("email_verified is the boolean, and counts only where the operator trusts it")
    func emailTrust() async throws {
        #expect(try await exchange(issuer.provider { $0.emailRule = .untrusted }).emailTrust == .none)
        issuer.claim("email_verified", "true")
        #expect(try await exchange(issuer.provider()).emailTrust == .none)
        issuer.claim("email_verified", false)
        #expect(try await exchange(issuer.provider()).emailTrust == .none)
    }

    @Test("Google's word counts in full for gmail.com and hosted domains, and only once elsewhere")
    func googleTrust() async throws {
        let provider = issuer.provider { $0.emailRule = .google }
        #expect(try await exchange(provider).emailTrust == .verified)
        issuer.claim("hd", "example.com")
        #expect(try await exchange(provider).emailTrust == .authoritative)
        issuer.claim("hd", nil)
        issuer.claim("email", "ana@gmail.com")
        #expect(try await exchange(provider).emailTrust == .authoritative)
        issuer.claim("email", "ana@gmail.com.example")
        #expect(try await exchange(provider).emailTrust == .verified)
    }

    @Test("only members of the hosted domains, by the claim and not by the address")
    func hostedDomains() async throws {
        let provider = issuer.provider { $0.hostedDomains = ["example.com"] }
        #expect(await issuer.fault(provider) == .notAllowed)
        issuer.claim("hd", "other.example")
        #expect(await issuer.fault(provider) == .notAllowed)
        issuer.claim("hd", "Example.com")
        #expect(await issuer.fault(provider) == nil)
        #expect(try await provider.authorization(for: IssuerDouble.flow).contains("&hd=example.com"))
    }

    @Test("an issuer for each tenant: iss is the template with tid, which has to be listed")
    func tenants() async throws {
        let template = "https://issuer.example/{tenantid}/v2.0"
        let (ours, theirs) = ("11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555")
        issuer.change { $0.document["issuer"] = .string(template) }
        var configuration = OpenIDConfiguration(
            name: ProviderName(openID: "corp"), label: "Corp", issuer: .template(template),
            endpoints: .discovered(at: IssuerDouble.issuer, authorization: nil, token: nil, userinfo: nil),
            clientID: IssuerDouble.clientID, clientSecret: Secret("secret"))
        configuration.tenants = [ours]
        let provider = OpenIDProvider(configuration, issuer.environment)
        #expect(await issuer.fault(provider) == .rejected(reason: "id_token_issuer"))
        issuer.claim("tid", .string(theirs))
        issuer.claim("iss", .string("https://issuer.example/\(theirs)/v2.0"))
        #expect(await issuer.fault(provider) == .notAllowed)
        issuer.claim("tid", .string(ours))
        #expect(await issuer.fault(provider) == .rejected(reason: "id_token_issuer"))
        issuer.claim("iss", .string("https://issuer.example/\(ours)/v2.0"))
        let profile = try await provider.exchange(IssuerDouble.callback, flow: IssuerDouble.flow)
        #expect(profile.issuer == "https://issuer.example/\(ours)/v2.0")
        #expect(profile.emailTrust == .none)
        #expect(profile.claims.tenantID == ours)
    }

    @Test("iss of the callback is the issuer's, and has to be there once it is announced")
    func callbackIssuer() async throws {
        let wrong = ProviderCallback(code: Secret("the-code"), issuer: "https://other.example")
        #expect(
            await issuer.fault(issuer.provider(), IssuerDouble.flow, wrong) == .rejected(reason: "issuer_differs"))
        issuer.change { $0.document["authorization_response_iss_parameter_supported"] = true }
        #expect(await issuer.fault(issuer.provider()) == .rejected(reason: "issuer_missing"))
        let right = ProviderCallback(code: Secret("the-code"), issuer: IssuerDouble.issuer)
        #expect(await issuer.fault(issuer.provider(), IssuerDouble.flow, right) == nil)
        // Before any code went out.
        #expect(issuer.paths().count { $0 == "/token" } == 1)
    }

    @Test("a discovery document of another issuer: refused, both in the log")
    func otherIssuer() async throws {
        issuer.change { $0.document["issuer"] = "https://issuer.example/" }
        guard case .misconfigured(let text) = await issuer.fault(issuer.provider()) else {
            Issue.record("it was taken")
            return
        }
        #expect(text.contains("\"https://issuer.example/\"") && text.contains("\"https://issuer.example\""))
        let line = try #require(issuer.log.entries.first { $0["document"] != nil })
        #expect(line["configured"] != nil)
    }

    @Test("refusals of the token endpoint")
    func refusals() async throws {
        func answer(_ status: Int, _ body: JSONValue) async -> ProviderFault? {
            issuer.change { $0.answers["/token"] = IssuerDouble.json(body, status: status) }
            return await issuer.fault(issuer.provider())
        }
        #expect(await answer(400, ["error": "invalid_grant"]) == .rejected(reason: "token_invalid_grant"))
        #expect(await answer(400, ["error": "x\ny"]) == .rejected(reason: "token_400"))
        #expect(await answer(200, ["error": "slow_down"]) == .rejected(reason: "token_slow_down"))
        #expect(await answer(200, ["token_type": "Bearer"]) == .rejected(reason: "token_no_access_token"))
        #expect(await answer(200, ["access_token": "a", "token_type": "mac"]) == .rejected(reason: "token_type"))
        guard case .misconfigured = await answer(401, ["error": "invalid_client"]) else {
            Issue.record("a wrong secret is a matter of settings")
            return
        }
    }
}
