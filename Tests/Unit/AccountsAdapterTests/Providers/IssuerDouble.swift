import AccountsApplication
import AccountsDomain
import Crypto
import HTTPClient
import HTTPClientDoubles
import JSON
import Shared
import Synchronization
import TestSupport

@testable import AccountsInfrastructure

/// An issuer of OpenID Connect behind scripted HTTP. A test changes what it answers.
final class IssuerDouble: Sendable {
    static let issuer = "https://issuer.example"
    static let clientID = "client"
    static let flow = FlowRequest(
        state: "state", nonce: "nonce-of-the-flow", verifier: Secret(String(repeating: "v", count: 43)),
        redirectURI: "https://id.example/auth/social/callback/corp", maxAge: nil, language: "id",
        startedAt: ManualClock().now)
    static let callback = ProviderCallback(code: Secret("the-code"), issuer: nil)

    struct Script: Sendable {
        var document: JSONObject = [
            "issuer": .string(IssuerDouble.issuer), "authorization_endpoint": "https://issuer.example/authorize?p=1",
            "token_endpoint": "https://issuer.example/token", "userinfo_endpoint": "https://issuer.example/userinfo",
            "jwks_uri": "https://issuer.example/keys",
        ]
        var header: JSONObject = [:]
        var claims: JSONObject
        var userinfo: JSONValue = ["sub": "subject", "email": "ana@example.com", "email_verified": true]
        var tokens: JSONObject = ["access_token": "access", "token_type": "Bearer"]
        /// Instead of the usual answer, by the path.
        var answers: [String: FetchResponse] = [:]
        var failures: [String: FetchFailure] = [:]
        var key: PrivateSigningKey
        var publishedKeys: [PrivateSigningKey]
        var keysMaxAge: String? = "public, max-age=600"
    }

    let clock = ManualClock()
    let script: Mutex<Script>
    let http = ScriptedHTTP()
    let log = RecordingLogSink()

    init(_ algorithm: SigningAlgorithm = .es256) throws {
        let key = try PrivateSigningKey.generate(algorithm)
        let now = clock.now.seconds
        script = Mutex(
            Script(
                claims: [
                    "iss": .string(Self.issuer), "sub": "subject", "aud": .string(Self.clientID),
                    "iat": .integer(now), "exp": .integer(now + 300), "nonce": .string(Self.flow.nonce),
                    "email": "ana@example.com", "email_verified": true, "name": "Ana Wijaya",
                ], key: key, publishedKeys: [key]))
        http.answer { [weak self] request in
            guard let self else { throw FetchFailure(.unreachable, "the test is over") }
            return try self.answer(request)
        }
    }

    func change(_ change: (inout Script) -> Void) { script.withLock { change(&$0) } }

    func claim(_ name: String, _ value: JSONValue?) { change { $0.claims[name] = value } }

    func paths() -> [String] { http.requests.map { String($0.url.target.prefix { $0 != "?" }) } }

    func configuration(_ change: (inout OpenIDConfiguration) -> Void = { _ in }) -> OpenIDConfiguration {
        var configuration = OpenIDConfiguration(
            name: ProviderName(openID: "corp"), label: "Corp", issuer: .exactly(Self.issuer),
            endpoints: .discovered(at: Self.issuer, authorization: nil, token: nil, userinfo: nil),
            clientID: Self.clientID, clientSecret: Secret("a secret: of 32 bytes, or of more"))
        configuration.emailRule = .trusted
        change(&configuration)
        return configuration
    }

    var environment: ProviderEnvironment {
        ProviderEnvironment(
            http: http, clock: clock, stopwatch: clock, callbackLimit: .seconds(600), logger: log.logger())
    }

    func provider(_ change: (inout OpenIDConfiguration) -> Void = { _ in }) -> OpenIDProvider {
        OpenIDProvider(configuration(change), environment)
    }

    /// Why an exchange ended; nil if it gave a profile.
    func fault(
        _ provider: some IdentityProvider, _ flow: FlowRequest = IssuerDouble.flow,
        _ callback: ProviderCallback = IssuerDouble.callback
    ) async -> ProviderFault? {
        do throws(ProviderFault) {
            _ = try await provider.exchange(callback, flow: flow)
            return nil
        } catch {
            return error
        }
    }

    private func answer(_ request: FetchRequest) throws -> FetchResponse {
        let path = String(request.url.target.prefix { $0 != "?" })
        let script = script.withLock { $0 }
        if let failure = script.failures[path] { throw failure }
        if let answer = script.answers[path] { return answer }
        switch path {
        case "/.well-known/openid-configuration": return Self.json(.object(script.document))
        case "/keys":
            let keys = script.publishedKeys.compactMap { $0.publicKey.jwk.map { JSONValue.object($0) } }
            return FetchResponse(
                status: 200,
                headers: script.keysMaxAge.map { [FetchResponse.Header("cache-control", $0)] } ?? [],
                body: JSONValue.object(["keys": .array(keys)]).serialized)
        case "/userinfo": return Self.json(script.userinfo)
        case "/token":
            var tokens = script.tokens
            if tokens["id_token"] == nil { tokens["id_token"] = .string(try Self.token(script)) }
            return Self.json(.object(tokens))
        default: throw FetchFailure(.unreachable, "no test planned \(path)")
        }
    }

    static func json(_ value: JSONValue, status: Int = 200) -> FetchResponse {
        FetchResponse(status: status, headers: [.init("content-type", "application/json")], body: value.serialized)
    }

    static func token(_ script: Script) throws -> String {
        var header: JSONObject = ["alg": .string(script.key.algorithm.rawValue), "kid": .string(script.key.kid)]
        // Not by a bare nil, which would be JSON's.
        for member in script.header.members {
            header[member.key] = member.value == .null ? JSONValue?.none : member.value
        }
        let signed = [header, script.claims].map { Base64URL.encode(JSONValue.object($0).serialized) }
            .joined(separator: ".")
        return "\(signed).\(Base64URL.encode(try script.key.sign(Array(signed.utf8))))"
    }
}
