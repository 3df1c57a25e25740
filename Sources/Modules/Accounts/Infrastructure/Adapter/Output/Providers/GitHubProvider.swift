import AccountsApplication
import AccountsDomain
import HTTPClient
import JSON
import Shared

/// What is set for GitHub, or for a GitHub Enterprise of one's own.
struct GitHubConfiguration: Sendable {
    let clientID: String
    let clientSecret: Secret<String>
    let authorizationEndpoint: FetchURL
    let tokenEndpoint: FetchURL
    let userEndpoint: FetchURL
    let emailsEndpoint: FetchURL
    var redirectURI: String?

    static let authorizationEndpoint = "https://github.com/login/oauth/authorize"
    static let tokenEndpoint = "https://github.com/login/oauth/access_token"
    static let userEndpoint = "https://api.github.com/user"
    static let emailsEndpoint = "https://api.github.com/user/emails"
}

/// GitHub, which knows OAuth 2 but no id_token: who somebody is, two calls of its API say.
struct GitHubProvider: IdentityProvider {
    let name = ProviderName.github
    let label = "GitHub"
    let capabilities = ProviderCapabilities(nonce: false, pkce: true)
    let configuration: GitHubConfiguration
    let calls: ProviderCalls
    private let callbackLimit: Duration

    init(_ configuration: GitHubConfiguration, _ environment: ProviderEnvironment) {
        self.configuration = configuration
        callbackLimit = environment.callbackLimit
        calls = ProviderCalls(
            .github, environment.http, stopwatch: environment.stopwatch, logger: environment.logger)
    }

    var redirectURI: String? { configuration.redirectURI }

    /// Those of another GitHub are other people.
    private var accountIssuer: String {
        let origin = configuration.authorizationEndpoint.origin
        return origin == "https://github.com:443" ? "https://github.com" : origin
    }

    func authorization(for flow: FlowRequest) async throws(ProviderFault) -> String {
        URLQuery.appending(
            [
                ("client_id", configuration.clientID), ("redirect_uri", flow.redirectURI),
                ("scope", "read:user user:email"), ("state", flow.state), ("code_challenge", flow.challenge),
                ("code_challenge_method", "S256"),
            ], to: configuration.authorizationEndpoint.text)
    }

    func exchange(_ callback: ProviderCallback, flow: FlowRequest) async throws(ProviderFault) -> ExternalProfile {
        try await TimeLimit.run(callbackLimit) { () async throws(ProviderFault) in
            let exchange = TokenExchange(
                clientID: configuration.clientID, clientSecret: configuration.clientSecret, authentication: .post)
            let tokens = try await exchange(callback.code, of: flow, at: configuration.tokenEndpoint, calls)
            let user = try await read(configuration.userEndpoint, "user", tokens)
            // The number stays a person's own; the login name is given to others after a rename.
            guard let id = user["id"]?.integer, id > 0 else { throw .rejected(reason: "user_id") }
            let emails = try await read(configuration.emailsEndpoint, "emails", tokens)
            guard let list = emails.elements else { throw .unavailable(retryAfter: nil) }
            let (email, trust) = Self.address(among: list)
            return ExternalProfile(
                issuer: accountIssuer, subject: String(id), email: email, emailTrust: trust,
                claims: IdentityClaims(
                    name: ClaimText.line(user["name"]?.text) ?? ClaimText.line(user["login"]?.text),
                    picture: ClaimText.picture(user["avatar_url"]?.text)))
        }
    }

    private func read(
        _ url: FetchURL, _ what: String, _ tokens: TokenExchange.Tokens
    ) async throws(ProviderFault) -> JSONValue {
        let headers = [
            (name: "Authorization", value: "Bearer \(tokens.access.reveal())"),
            (name: "Accept", value: "application/vnd.github+json"), (name: "X-GitHub-Api-Version", value: "2022-11-28"),
            (name: "User-Agent", value: "Gapura"),
        ]
        switch try await calls.get(url, what, headers: headers) {
        case .document(let json, _): return json
        case .refusal(let status, _): throw .rejected(reason: "\(what)_\(status)")
        }
    }

    /// The primary address if it is verified, else another verified one; a primary one that is not verified is known, and
    /// believed in nothing. The addresses that GitHub makes to hide the real ones are no mailboxes.
    static func address(among list: [JSONValue]) -> (EmailAddress?, EmailTrust) {
        let known = list.prefix(1_000).compactMap {
            entry -> (email: EmailAddress, isPrimary: Bool, isVerified: Bool)? in
            guard let email = entry["email"]?.text.flatMap({ EmailAddress($0) }),
                !email.key.hasSuffix("@users.noreply.github.com")
            else { return nil }
            return (email, entry["primary"] == .bool(true), entry["verified"] == .bool(true))
        }
        if let primary = known.first(where: { $0.isPrimary && $0.isVerified }) {
            return (primary.email, .authoritative)
        }
        if let other = known.first(where: \.isVerified) { return (other.email, .verified) }
        return (known.first(where: \.isPrimary)?.email, .none)
    }
}
