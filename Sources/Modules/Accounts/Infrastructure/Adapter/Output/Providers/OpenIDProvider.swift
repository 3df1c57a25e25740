import AccountsApplication
import AccountsDomain
import Crypto
import HTTPClient
import JSON
import Shared

/// Any issuer of OpenID Connect: the code flow with PKCE, its id_token checked, userinfo for what is missing there.
struct OpenIDProvider: IdentityProvider {
    let configuration: OpenIDConfiguration
    let published: PublishedMetadata
    private let calls: ProviderCalls
    private let callbackLimit: Duration
    private let clock: any WallClock
    private let logger: Logger

    init(_ configuration: OpenIDConfiguration, _ environment: ProviderEnvironment) {
        self.configuration = configuration
        clock = environment.clock
        logger = environment.logger.with("provider", .text(configuration.name.text))
        callbackLimit = environment.callbackLimit
        calls = ProviderCalls(
            configuration.name, environment.http, trust: configuration.trust, stopwatch: environment.stopwatch,
            logger: environment.logger)
        published = PublishedMetadata(configuration, calls, clock: clock, logger: environment.logger)
    }

    var name: ProviderName { configuration.name }
    var label: String { configuration.label }
    var redirectURI: String? { configuration.redirectURI }

    var issuer: String? {
        if case .exactly(let issuer) = configuration.issuer { issuer } else { nil }
    }

    var capabilities: ProviderCapabilities {
        ProviderCapabilities(
            nonce: true, pkce: true, refreshesAuthTime: configuration.refreshesAuthTime,
            trustsMFA: configuration.trustsMFA)
    }

    func authorization(for flow: FlowRequest) async throws(ProviderFault) -> String {
        let published = published
        let metadata = try await TimeLimit.run(callbackLimit) { () async throws(ProviderFault) in
            try await published.metadata()
        }
        var parameters = [
            ("response_type", "code"), ("client_id", configuration.clientID), ("redirect_uri", flow.redirectURI),
            ("scope", configuration.scopes.joined(separator: " ")), ("state", flow.state), ("nonce", flow.nonce),
            ("code_challenge", flow.challenge), ("code_challenge_method", "S256"),
        ]
        if let maxAge = flow.maxAge {
            parameters.append(("max_age", String(max(0, maxAge.secondsRoundedUp))))
            if maxAge == .zero { parameters.append(("prompt", "login")) }
        }
        if let language = flow.language { parameters.append(("ui_locales", language)) }
        // A hint for their page; what counts is the claim.
        if configuration.hostedDomains.count == 1 { parameters.append(("hd", configuration.hostedDomains[0])) }
        return URLQuery.appending(parameters, to: metadata.authorizationEndpoint.text)
    }

    func exchange(_ callback: ProviderCallback, flow: FlowRequest) async throws(ProviderFault) -> ExternalProfile {
        try await TimeLimit.run(callbackLimit) { () async throws(ProviderFault) in
            try await profile(of: callback, flow)
        }
    }

    private func profile(
        of callback: ProviderCallback, _ flow: FlowRequest
    ) async throws(ProviderFault) -> ExternalProfile {
        let metadata = try await published.metadata()
        if metadata.announcesIssuer, callback.issuer == nil { throw .rejected(reason: "issuer_missing") }
        if let given = callback.issuer, let issuer, !ClaimText.isSame(given, issuer) {
            throw .rejected(reason: "issuer_differs")
        }
        let exchange = TokenExchange(
            clientID: configuration.clientID, clientSecret: configuration.clientSecret,
            authentication: try authentication(metadata))
        let tokens = try await exchange(callback.code, of: flow, at: metadata.tokenEndpoint, calls)
        guard let text = tokens.id else { throw .rejected(reason: "id_token_missing") }
        let claims = try await verified(text, flow, tokens)
        if let given = callback.issuer, issuer == nil, !ClaimText.isSame(claims["iss"]?.text, given) {
            throw .rejected(reason: "issuer_differs")
        }
        try checkMembership(claims)
        let more = try await userinfo(claims, metadata, tokens)
        return try OpenIDProfile(configuration, claims: claims, userinfo: more).profile
    }

    /// Never both ways, and basic unless the issuer has nothing but the other.
    func authentication(
        _ metadata: ProviderMetadata
    ) throws(ProviderFault) -> OpenIDConfiguration.ClientAuthentication {
        if let set = configuration.authentication { return set }
        guard let methods = metadata.tokenAuthentication, !methods.contains("client_secret_basic") else {
            return .basic
        }
        guard methods.contains("client_secret_post") else {
            throw .misconfigured("the token endpoint takes no client secret")
        }
        return .post
    }

    private func verified(
        _ text: String, _ flow: FlowRequest, _ tokens: TokenExchange.Tokens
    ) async throws(ProviderFault) -> JSONObject {
        let rules = configuration.rules
        do {
            let (token, algorithm) = try rules.open(text)
            try await checkSignature(token, algorithm)
            try rules.check(
                token.claims, of: flow, accessTokenHash: algorithm.digest(Array(tokens.access.reveal().utf8)),
                at: clock.now)
            return token.claims
        } catch let fault as ProviderFault {
            throw fault
        } catch {
            let flaw = error as? IDTokenFlaw ?? .malformed
            logger.warning("an id_token was not believed", ["reason": .text(flaw.rawValue)])
            throw flaw.fault
        }
    }

    /// By a key of the issuer. One that it changed since is looked for once.
    private func checkSignature(_ token: ForeignToken, _ algorithm: ForeignAlgorithm) async throws {
        if algorithm == .hs256 {
            let secret = Secret(Array(configuration.clientSecret.reveal().utf8))
            guard let key = try? ForeignKey(secret: secret) else { throw IDTokenFlaw.keyAlgorithm }
            return try configuration.rules.check(token, algorithm, by: [key])
        }
        let kid = token.header["kid"]?.text
        if kid == nil, token.header["kid"] != nil { throw IDTokenFlaw.malformed }
        let keys = try await published.currentKeys()
        do throws(IDTokenFlaw) {
            try configuration.rules.check(token, algorithm, by: keys.candidates(kid: kid, algorithm))
        } catch {
            guard error == .unknownKey || error == .signature, let newer = await published.reloadedKeys() else {
                throw error
            }
            try configuration.rules.check(token, algorithm, by: newer.candidates(kid: kid, algorithm))
        }
    }

    /// Whether the person is of a domain or tenant that may sign in.
    private func checkMembership(_ claims: JSONObject) throws(ProviderFault) {
        if !configuration.hostedDomains.isEmpty {
            guard let domain = claims["hd"]?.text?.lowercased(), configuration.hostedDomains.contains(domain) else {
                throw .notAllowed
            }
        }
        if case .template = configuration.issuer {
            guard let tenant = claims["tid"]?.text?.lowercased(), configuration.tenants.contains(tenant) else {
                throw .notAllowed
            }
        }
    }

    /// Strict issuers say there what they do not say in the id_token. Nil if nothing is missing.
    private func userinfo(
        _ claims: JSONObject, _ metadata: ProviderMetadata, _ tokens: TokenExchange.Tokens
    ) async throws(ProviderFault) -> JSONObject? {
        guard OpenIDProfile.isIncomplete(claims, scopes: configuration.scopes), let url = metadata.userinfoEndpoint
        else {
            return nil
        }
        let bearer = (name: "Authorization", value: "Bearer \(tokens.access.reveal())")
        switch try await calls.get(url, "userinfo", headers: [bearer]) {
        case .refusal(let status, _): throw .rejected(reason: "userinfo_\(status)")
        case .document(.object(let object), _):
            guard let subject = claims["sub"]?.text, ClaimText.isSame(object["sub"]?.text, subject) else {
                logger.warning("userinfo is about somebody else than the id_token")
                throw .rejected(reason: "userinfo_subject")
            }
            return object
        case .document: throw .unavailable(retryAfter: nil)
        }
    }
}

extension FlowRequest {
    /// RFC 7636 § 4.2, S256.
    var challenge: String { Base64URL.encode(SHA256.hash(Array(verifier.reveal().utf8))) }
}
