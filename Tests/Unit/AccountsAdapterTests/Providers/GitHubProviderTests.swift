import AccountsApplication
import AccountsDomain
import HTTPClient
import HTTPClientDoubles
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("GitHub")
struct GitHubProviderTests {
    private let http = ScriptedHTTP()

    private func provider(
        user: JSONValue = ["id": 42, "login": "ana", "name": "Ana Wijaya", "email": "shown@example.com"],
        emails: JSONValue = [], token: JSONValue = ["access_token": "access", "token_type": "bearer"],
        enterprise: String? = nil
    ) throws -> GitHubProvider {
        http.answer { request in
            switch request.url.target {
            case "/login/oauth/access_token": IssuerDouble.json(token)
            case "/user": IssuerDouble.json(user)
            case "/user/emails": IssuerDouble.json(emails)
            default: throw FetchFailure(.unreachable, "no test planned this")
            }
        }
        return GitHubProvider(
            GitHubConfiguration(
                clientID: "client", clientSecret: Secret("secret"),
                authorizationEndpoint: try FetchURL(enterprise ?? GitHubConfiguration.authorizationEndpoint),
                tokenEndpoint: try FetchURL(GitHubConfiguration.tokenEndpoint),
                userEndpoint: try FetchURL(GitHubConfiguration.userEndpoint),
                emailsEndpoint: try FetchURL(GitHubConfiguration.emailsEndpoint)),
            ProviderEnvironment(http: http, clock: ManualClock(), callbackLimit: .seconds(600), logger: .silent))
    }

    private func exchange(_ provider: GitHubProvider) async throws -> ExternalProfile {
        try await provider.exchange(IssuerDouble.callback, flow: IssuerDouble.flow)
    }

    @Test("the subject is the number, never the name, and the headers are those that GitHub wants")
    func subject() async throws {
        let profile = try await exchange(
            provider(emails: [["email": "ana@example.com", "primary": true, "verified": true]]))
        #expect(profile.issuer == "https://github.com")
        #expect(profile.subject == "42")
        #expect(profile.email?.text == "ana@example.com")
        #expect(profile.emailTrust == .authoritative)
        for request in http.requests where request.method == "GET" {
            let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
            #expect(headers["User-Agent"] == "Gapura")
            #expect(headers["X-GitHub-Api-Version"] == "2022-11-28")
            #expect(headers["Authorization"] == "Bearer access")
        }
        #expect(http.requests.map(\.url.target) == ["/login/oauth/access_token", "/user", "/user/emails"])
    }

    @Test(
        "which address counts, and how far",
        arguments: [
            ([["email": "a@example.com", "primary": true, "verified": true]], "a@example.com", .authoritative),
            (
                [
                    ["email": "a@example.com", "primary": true, "verified": false],
                    ["email": "b@example.com", "primary": false, "verified": true],
                ], "b@example.com", .verified
            ),
            ([["email": "a@example.com", "primary": true, "verified": false]], "a@example.com", EmailTrust.none),
            ([["email": "1+a@users.noreply.github.com", "primary": true, "verified": true]], nil, EmailTrust.none),
            ([["email": "a@example.com", "primary": "true", "verified": "true"]], nil, EmailTrust.none),
            ([], nil, EmailTrust.none),
        ] as [(JSONValue, String?, EmailTrust)])
    func address(emails: JSONValue, email: String?, trust: EmailTrust) async throws {
        let profile = try await exchange(provider(emails: emails))
        #expect(profile.email?.text == email)
        #expect(profile.emailTrust == trust)
    }

    @Test("a refusal comes with 200")
    func refusal() async throws {
        await #expect(throws: ProviderFault.rejected(reason: "token_bad_verification_code")) {
            try await exchange(provider(token: ["error": "bad_verification_code"]))
        }
        await #expect(throws: ProviderFault.misconfigured("the token endpoint says incorrect_client_credentials")) {
            try await exchange(provider(token: ["error": "incorrect_client_credentials"]))
        }
    }

    @Test("a user without a number is none; another GitHub is another issuer")
    func others() async throws {
        for user in [["login": "ana"], ["id": "42"], ["id": 0]] as [JSONValue] {
            await #expect(throws: ProviderFault.rejected(reason: "user_id")) {
                try await exchange(provider(user: user))
            }
        }
        let enterprise = try provider(enterprise: "https://github.corp.example/login/oauth/authorize")
        #expect(try await exchange(enterprise).issuer == "https://github.corp.example:443")
    }
}
