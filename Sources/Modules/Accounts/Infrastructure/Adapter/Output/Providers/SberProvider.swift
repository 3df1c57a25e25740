import AccountsApplication
import AccountsDomain
import Crypto
import HTTPClient
import JSON
import Shared

/// What is set for Sber ID.
struct SberConfiguration: Sendable {
    let clientID: String
    let clientSecret: Secret<String>
    let authorizationEndpoint: FetchURL
    let tokenEndpoint: FetchURL
    let userinfoEndpoint: FetchURL
    /// Of id_tokens, byte for byte.
    let issuer: String
    /// Where the keys of RS256 are; nil: such tokens are not taken.
    var keysEndpoint: FetchURL?
    /// Their roots, and our certificate.
    var trust = FetchTrust.system
    var leeway: Duration = .seconds(60)

    static let authorizationEndpoint = "https://online.sberbank.ru/CSAFront/oidc/authorize.do"
    static let tokenEndpoint = "https://oauth.sber.ru/ru/prod/tokens/v2/oidc"
    static let userinfoEndpoint = "https://oauth.sber.ru/ru/prod/sberbankid/v2.1/userinfo"
    static let issuer = "https://online.sberbank.ru/CSAFront/index.do"

    /// Its tokens may be signed by GOST R 34.10-2012, which libcrypto does not know. They come from the token endpoint
    /// itself over TLS to roots of our choice, and that counts instead (OpenID Connect Core 1.0 § 3.1.3.7, 6).
    var believesTLS: Bool { tokenEndpoint.isSecure && trust.roots != nil }
}

/// Sber ID: OpenID Connect over mutual TLS, with a number of its own on each call. Only the name and the address are
/// asked for; nothing about documents is asked or kept.
struct SberProvider: IdentityProvider {
    let name = ProviderName.sber
    let label = "Sber ID"
    let capabilities = ProviderCapabilities(nonce: true, pkce: true)
    let configuration: SberConfiguration
    let calls: ProviderCalls
    private let callbackLimit: Duration
    private let keys: KeptAnswer<IssuerKeys>?
    private let clock: any WallClock
    private let random: any RandomSource
    private let logger: Logger

    /// As RFC 9215 and their own documents write it.
    private static let gost: Set = ["gost34.10-2012", "GOST34.10-2012", "ecgost3410-2012-256"]

    init(_ configuration: SberConfiguration, _ environment: ProviderEnvironment) {
        self.configuration = configuration
        (clock, random) = (environment.clock, environment.random)
        logger = environment.logger.with("provider", "sber")
        callbackLimit = environment.callbackLimit
        let calls = ProviderCalls(
            .sber, environment.http, trust: configuration.trust, stopwatch: environment.stopwatch,
            logger: environment.logger)
        self.calls = calls
        keys = configuration.keysEndpoint.map { url in
            KeptAnswer(clock: environment.clock) { () async throws(ProviderFault) in
                guard case .document(let json, let cacheControl) = try await calls.get(url, "keys"),
                    let keys = IssuerKeys(document: json)
                else { throw .misconfigured("there are no keys at SBER_JWKS_URL") }
                return (keys, IssuerKeys.lifetime(cacheControl: cacheControl))
            }
        }
    }

    var issuer: String? { configuration.issuer }

    func authorization(for flow: FlowRequest) async throws(ProviderFault) -> String {
        URLQuery.appending(
            [
                ("response_type", "code"), ("client_type", "PRIVATE"), ("client_id", configuration.clientID),
                ("scope", "openid name email"), ("state", flow.state), ("nonce", flow.nonce),
                ("redirect_uri", flow.redirectURI), ("code_challenge", flow.challenge),
                ("code_challenge_method", "S256"),
            ], to: configuration.authorizationEndpoint.text)
    }

    func exchange(_ callback: ProviderCallback, flow: FlowRequest) async throws(ProviderFault) -> ExternalProfile {
        try await TimeLimit.run(callbackLimit) { () async throws(ProviderFault) in
            let exchange = TokenExchange(
                clientID: configuration.clientID, clientSecret: configuration.clientSecret, authentication: .post,
                headers: [("rquid", requestNumber)])
            let tokens = try await exchange(callback.code, of: flow, at: configuration.tokenEndpoint, calls)
            guard let text = tokens.id else { throw .rejected(reason: "id_token_missing") }
            let claims = try await verified(text, flow, tokens)
            let person = try await userinfo(claims, tokens)
            return ExternalProfile(
                issuer: configuration.issuer, subject: claims["sub"]?.text ?? "",
                email: person["email"]?.text.flatMap { EmailAddress($0) }, emailTrust: .none,
                claims: IdentityClaims(
                    name: Self.name(of: person), givenName: ClaimText.line(person["given_name"]?.text),
                    familyName: ClaimText.line(person["family_name"]?.text)))
        }
    }

    private static func name(of person: JSONObject) -> String? {
        let parts = ["given_name", "family_name"].compactMap { ClaimText.line(person[$0]?.text) }
        return parts.isEmpty ? nil : ClaimText.line(parts.joined(separator: " "))
    }

    /// 32 hexadecimal digits, other ones for each call.
    var requestNumber: String { Hex.encode(random.bytes(16)) }

    private var rules: IDTokenRules {
        IDTokenRules(
            issuer: .exactly(configuration.issuer), clientID: configuration.clientID, algorithms: [.rs256],
            leeway: configuration.leeway)
    }

    private func verified(
        _ text: String, _ flow: FlowRequest, _ tokens: TokenExchange.Tokens
    ) async throws(ProviderFault) -> JSONObject {
        do {
            let token = try IDTokenRules.parse(text)
            var hash: [UInt8]?
            if configuration.believesTLS, let name = token.header["alg"]?.text, Self.gost.contains(name) {
                // Its hash is GOST's as well.
                hash = nil
            } else {
                let (token, algorithm) = try rules.open(text)
                try await checkSignature(token, algorithm)
                hash = algorithm.digest(Array(tokens.access.reveal().utf8))
            }
            var claims = token.claims
            if hash == nil { claims["at_hash"] = nil }
            try rules.check(claims, of: flow, accessTokenHash: hash, at: clock.now)
            return claims
        } catch let fault as ProviderFault {
            throw fault
        } catch {
            let flaw = error as? IDTokenFlaw ?? .malformed
            logger.warning("an id_token was not believed", ["reason": .text(flaw.rawValue)])
            throw flaw.fault
        }
    }

    private func checkSignature(_ token: ForeignToken, _ algorithm: ForeignAlgorithm) async throws {
        guard let keys else { throw IDTokenFlaw.unknownKey }
        let kid = token.header["kid"]?.text
        do throws(IDTokenFlaw) {
            let current: IssuerKeys
            do throws(ProviderFault) { current = try await keys.value() } catch { throw .unknownKey }
            try rules.check(token, algorithm, by: current.candidates(kid: kid, algorithm))
        } catch {
            guard error == .unknownKey || error == .signature, let newer = await keys.reloaded() else { throw error }
            try rules.check(token, algorithm, by: newer.candidates(kid: kid, algorithm))
        }
    }

    /// A token of somebody else, or for another client, is none of this flow's.
    private func userinfo(
        _ claims: JSONObject, _ tokens: TokenExchange.Tokens
    ) async throws(ProviderFault) -> JSONObject {
        let headers = [
            (name: "Authorization", value: "Bearer \(tokens.access.reveal())"),
            (name: "x-introspect-rquid", value: requestNumber),
        ]
        switch try await calls.get(configuration.userinfoEndpoint, "userinfo", headers: headers) {
        case .refusal(let status, _): throw .rejected(reason: "userinfo_\(status)")
        case .document(.object(let person), _):
            guard ClaimText.isSame(person["sub"]?.text, claims["sub"]?.text ?? "") else {
                throw .rejected(reason: "userinfo_subject")
            }
            guard ClaimText.isSame(person["aud"]?.text, configuration.clientID) else {
                throw .rejected(reason: "userinfo_audience")
            }
            return person
        case .document: throw .unavailable(retryAfter: nil)
        }
    }
}
