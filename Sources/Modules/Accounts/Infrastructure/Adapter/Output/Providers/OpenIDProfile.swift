import AccountsApplication
import AccountsDomain
import JSON
import Shared

/// Whom an id_token, and userinfo for what is missing there, say that somebody is (OpenID Connect Core 1.0 § 5.1).
struct OpenIDProfile {
    private let configuration: OpenIDConfiguration
    private let claims: JSONObject
    private let userinfo: JSONObject?

    init(_ configuration: OpenIDConfiguration, claims: JSONObject, userinfo: JSONObject?) {
        self.configuration = configuration
        self.claims = claims
        self.userinfo = userinfo
    }

    /// Whether something that was asked for is not in the id_token.
    static func isIncomplete(_ claims: JSONObject, scopes: [String]) -> Bool {
        if scopes.contains("email"), claims["email"] == nil || claims["email_verified"] == nil { return true }
        return scopes.contains("profile") && claims["name"] == nil && claims["given_name"] == nil
    }

    var profile: ExternalProfile {
        get throws(ProviderFault) {
            guard let subject = ClaimText.subject(claims["sub"]?.text), let issuer = claims["iss"]?.text else {
                throw IDTokenFlaw.subject.fault
            }
            let (email, trust) = address
            return ExternalProfile(
                issuer: issuer, subject: subject, email: email, emailTrust: trust, claims: kept,
                authTime: (try? IDTokenRules.moment(claims["auth_time"])) ?? nil, methods: methods)
        }
    }

    /// An address and the word about it come from one place.
    private var address: (EmailAddress?, EmailTrust) {
        let isWhole = claims["email"] != nil && claims["email_verified"] != nil
        let place = isWhole || userinfo?["email"] == nil ? claims : userinfo ?? claims
        guard let email = place["email"]?.text.flatMap({ EmailAddress($0) }) else { return (nil, .none) }
        // The boolean: a text "true" may be what a person wrote.
        guard place["email_verified"] == .bool(true) else { return (email, .none) }
        switch configuration.emailRule {
        case .untrusted: return (email, .none)
        case .trusted: return (email, .authoritative)
        case .google:
            let isOfGoogle = email.key.hasSuffix("@gmail.com") || ClaimText.line(claims["hd"]?.text) != nil
            return (email, isOfGoogle ? .authoritative : .verified)
        }
    }

    private var kept: IdentityClaims {
        func text(_ name: String) -> String? { claims[name]?.text ?? userinfo?[name]?.text }
        return IdentityClaims(
            name: ClaimText.line(text("name")), givenName: ClaimText.line(text("given_name")),
            familyName: ClaimText.line(text("family_name")), picture: ClaimText.picture(text("picture")),
            locale: ClaimText.line(text("locale"), max: 35), hostedDomain: ClaimText.line(claims["hd"]?.text),
            tenantID: ClaimText.line(claims["tid"]?.text, max: 64))
    }

    private var methods: [String] {
        (claims["amr"]?.elements ?? []).prefix(16).compactMap { ClaimText.line($0.text, max: 32) }
    }
}
