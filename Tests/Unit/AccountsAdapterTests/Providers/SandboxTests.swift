import AccountsApplication
import AccountsDomain
import Composition
import HTTP
import HTTPClient
import HTTPSupport
import JSON
import Shared
import Templates
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// The routes of the sandbox as another system.
private struct RoutedHTTP: HTTPFetching {
    let client: RESTClient

    func fetch(_ request: FetchRequest) async throws -> FetchResponse {
        guard let method = HTTP.Method(rawValue: request.method) else { throw FetchFailure(.refused, "no method") }
        var headers = request.headers.map { ($0.name, $0.value) }
        if request.headers.allSatisfy({ $0.name != "User-Agent" }) { headers.append(("User-Agent", "Gapura")) }
        let answer = await client.send(method, request.url.target, headers, request.body ?? [])
        guard answer.body.count <= request.limits.bodyBytesMax else { throw FetchFailure(.tooLarge, "too large") }
        return FetchResponse(
            status: answer.status, headers: answer.headers.map { .init($0.name.lowercased(), $0.value) },
            body: answer.body)
    }

    func refusal(of url: FetchURL) -> EgressPolicy.Refusal? { nil }
}

@Suite("The sandbox of identities")
struct SandboxTests {
    private let sandbox: IdentitySandbox
    private let client: RESTClient
    private let providers: IdentityProviders

    init() throws {
        let fixture = try AccountsFixture()
        let process = ProcessSettings(appName: "Gapura", appURL: AccountsFixture.appURL, isProduction: false)
        let address = try #require(IdentitySandbox.Address(of: process))
        let clock = fixture.clock
        sandbox = IdentitySandbox(address, clock: clock, random: SystemRandomSource())
        let routes = SandboxRoutes(
            sandbox: sandbox, providers: IdentityProviders(), frame: fixture.dependencies.pages)
        client = RESTClient(routes.routes)
        providers = address.settings.providers(
            ProviderEnvironment(
                http: RoutedHTTP(client: client), clock: clock, callbackLimit: .seconds(600), logger: .silent))
    }

    private static let names = [
        ProviderName.google, .github, .sber, ProviderName(openID: "sandbox"),
    ]

    private func flow(_ provider: any IdentityProvider) -> FlowRequest {
        FlowRequest(
            state: "a-state", nonce: "a-nonce", verifier: Secret(String(repeating: "v", count: 43)),
            redirectURI: "\(AccountsFixture.appURL)/auth/social/callback/x", maxAge: nil, language: nil,
            startedAt: sandbox.clock.now)
    }

    /// Goes there as a person and comes back.
    private func callback(_ provider: any IdentityProvider, _ person: String) async throws -> FormData {
        let url = try FetchURL(try await provider.authorization(for: flow(provider)))
        let answer = await client.get("\(url.target)&person=\(person)")
        try #require(answer.status == 303)
        let query = try #require(answer["Location"]?.split(separator: "?").last)
        return try #require(FormData(String(query)))
    }

    private func signIn(_ name: ProviderName, _ person: String) async throws -> ExternalProfile {
        let provider = try #require(providers[name])
        let query = try await callback(provider, person).object
        try #require(query["state"] == "a-state")
        let code = Secret(try #require(query["code"]?.text))
        return try await provider.exchange(
            ProviderCallback(code: code, issuer: query["iss"]?.text), flow: flow(provider))
    }

    @Test("everybody signs in by every shape", arguments: names)
    func everybody(name: ProviderName) async throws {
        for person in SandboxPerson.all {
            let profile = try await signIn(name, person.id)
            #expect(profile.subject == (name == .github ? String(person.number) : person.id))
            #expect(profile.email?.text == person.email)
        }
    }

    @Test("how far each shape's word about the address goes")
    func trust() async throws {
        let sandbox = ProviderName(openID: "sandbox")
        #expect(try await signIn(sandbox, "ana").emailTrust == .authoritative)
        #expect(try await signIn(sandbox, "budi").emailTrust == .none)
        #expect(try await signIn(sandbox, "citra").email == nil)
        #expect(try await signIn(.google, "ana").emailTrust == .verified)
        let member = try await signIn(.google, "eka")
        #expect(member.emailTrust == .authoritative)
        #expect(member.claims.hostedDomain == "workspace.example")
        #expect(try await signIn(.github, "ana").emailTrust == .authoritative)
        #expect(try await signIn(.sber, "ana").emailTrust == .none)
        let names = [try await signIn(.github, "fajar"), try await signIn(.github, "fajar")]
        #expect(names[0].subject == names[1].subject)
        #expect(names[0].claims.name != names[1].claims.name)
    }

    @Test(
        "mischief of the token and of the endpoint is refused, each with its reason, and done no more than planned",
        arguments: [
            (.nonce, .rejected(reason: "id_token_nonce")), (.aud, .rejected(reason: "id_token_audience")),
            (.iss, .rejected(reason: "id_token_issuer")), (.expired, .rejected(reason: "id_token_expired")),
            (.future, .rejected(reason: "id_token_not_yet_valid")),
            (.algorithmNone, .rejected(reason: "id_token_algorithm")),
            (.publicKeyAsSecret, .rejected(reason: "id_token_algorithm")),
            (.unknownKey, .rejected(reason: "id_token_unknown_key")), (.rotate, nil),
            (.subjectDiffers, .rejected(reason: "userinfo_subject")), (.error500, .unavailable(retryAfter: nil)),
            (.cutAfterExchange, .unavailable(retryAfter: nil)), (.hugeBody, .unavailable(retryAfter: nil)),
            (.redirect, .unavailable(retryAfter: nil)), (.html, .unavailable(retryAfter: nil)),
            (.issuerParameter, .rejected(reason: "issuer_differs")),
            (.replay, .rejected(reason: "token_invalid_grant")),
        ] as [(SandboxMischief, ProviderFault?)])
    func mischief(kind: SandboxMischief, expected: ProviderFault?) async throws {
        let name = ProviderName(openID: "sandbox")
        _ = try await signIn(name, "ana")
        let planned = await client.post("/dev/identity/mischief", ["kind": .string(kind.rawValue), "times": 1])
        #expect(planned.status == 204)
        var fault: ProviderFault?
        do { _ = try await signIn(name, "ana") } catch { fault = error as? ProviderFault }
        #expect(fault == expected)
        #expect(sandbox.planned == [:])
        #expect(try await signIn(name, "ana").subject == "ana")
    }

    @Test("mischief about the person")
    func people() async throws {
        let name = ProviderName(openID: "sandbox")
        sandbox.plan(.noEmail, times: 1)
        #expect(try await signIn(name, "ana").email == nil)
        sandbox.plan(.unverified, times: 1)
        #expect(try await signIn(name, "ana").emailTrust == .none)
        sandbox.plan(.otherEmail, times: 1)
        #expect(try await signIn(name, "ana").email?.text == "another@example.net")
    }

    @Test("a refusal, a parameter that comes twice, a person who says no")
    func page() async throws {
        let provider = try #require(providers[ProviderName(openID: "sandbox")])
        sandbox.plan(.denied, times: 1)
        #expect(try await callback(provider, "ana").object["error"] == "access_denied")
        #expect(try await callback(provider, "nobody").object["error"] == "access_denied")
        sandbox.plan(.twice, times: 1)
        #expect(try await callback(provider, "ana").repeated == ["code"])
    }

    @Test("a code is good once, for its own flow, with its verifier")
    func codes() async throws {
        let provider = try #require(providers[ProviderName(openID: "sandbox")])
        func exchange(_ code: String, verifier: String, redirect: String? = nil) async -> ProviderFault? {
            let usual = flow(provider)
            let flow = FlowRequest(
                state: usual.state, nonce: usual.nonce, verifier: Secret(verifier),
                redirectURI: redirect ?? usual.redirectURI, maxAge: nil, language: nil, startedAt: usual.startedAt)
            do throws(ProviderFault) {
                let issuer = sandbox.address.issuer(.openID)
                _ = try await provider.exchange(ProviderCallback(code: Secret(code), issuer: issuer), flow: flow)
                return nil
            } catch {
                return error
            }
        }
        let right = String(repeating: "v", count: 43)
        let refused = ProviderFault.rejected(reason: "token_invalid_grant")
        let first = try #require(try await callback(provider, "ana").object["code"]?.text)
        #expect(await exchange(first, verifier: right) == nil)
        #expect(await exchange(first, verifier: right) == refused)
        let second = try #require(try await callback(provider, "ana").object["code"]?.text)
        #expect(await exchange(second, verifier: String(repeating: "w", count: 43)) == refused)
        let third = try #require(try await callback(provider, "ana").object["code"]?.text)
        #expect(await exchange(third, verifier: right, redirect: "\(AccountsFixture.appURL)/other") == refused)
    }

    @Test("the page shows everybody, as a link that signs in, and leads nowhere else")
    func choice() async throws {
        let provider = try #require(providers[ProviderName(openID: "sandbox")])
        let url = try FetchURL(try await provider.authorization(for: flow(provider)))
        let page = await client.get(url.target)
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(page.status == 200)
        for person in SandboxPerson.all { #expect(text.contains(person.familyName)) }
        #expect(text.contains("person=ana") && text.contains("name=\"address\""))
        let elsewhere = url.target.replacing("localhost%3A8080", with: "evil.example")
        #expect(await client.get(elsewhere).status == 404)
        let withoutPKCE = url.target.replacing("code_challenge_method=S256", with: "code_challenge_method=plain")
        #expect(await client.get(withoutPKCE).status == 422)
        #expect(await client.get("/dev/identity").status == 200)
        #expect(await client.get("/dev/identity/github/.well-known/openid-configuration").status == 404)
        #expect(await client.get("/dev/identity/nobody/keys").status == 404)
    }

    @Test("there is none in production, nor where the installation is not on this machine")
    func production() {
        func address(_ url: String, isProduction: Bool) -> IdentitySandbox.Address? {
            IdentitySandbox.Address(of: ProcessSettings(appName: "", appURL: url, isProduction: isProduction))
        }
        #expect(address("http://localhost:8080", isProduction: true) == nil)
        #expect(address("https://id.example.com", isProduction: false) == nil)
        #expect(address("http://127.0.0.1:1234", isProduction: false) != nil)
    }
}
