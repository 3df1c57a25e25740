import AccountsDomain
import Configuration
import HTTPClient
import Shared

extension ProviderSettings {
    private static let googleIssuer = "https://accounts.google.com"

    /// Google's discovery document says these; so nothing has to be asked before the first sign-in.
    private static let googleEndpoints = (
        authorization: "https://accounts.google.com/o/oauth2/v2/auth", token: "https://oauth2.googleapis.com/token",
        userinfo: "https://openidconnect.googleapis.com/v1/userinfo", keys: "https://www.googleapis.com/oauth2/v3/certs"
    )

    static func google(_ reader: inout SettingsReader, _ common: Common) -> OpenIDConfiguration? {
        let client = credentials(&reader, "GOOGLE", of: "Google")
        let redirect = common.url(&reader, "GOOGLE_REDIRECT_URI")
        let issuer = reader.text("GOOGLE_ISSUER")
        let domains = reader.list("GOOGLE_HOSTED_DOMAINS", "domains such as example.com") { text -> String? in
            EmailAddress("a@\(text)") == nil ? nil : text.lowercased()
        }
        let authorization = common.url(&reader, "GOOGLE_AUTH_URL")
        let token = common.url(&reader, "GOOGLE_TOKEN_URL")
        let userinfo = common.url(&reader, "GOOGLE_USERINFO_URL")
        let keys = common.url(&reader, "GOOGLE_JWKS_URL")
        guard let client else { return nil }
        let endpoints: OpenIDConfiguration.Endpoints
        if let issuer, keys == nil {
            endpoints = .discovered(at: issuer, authorization: authorization, token: token, userinfo: userinfo)
        } else {
            let usual = googleEndpoints
            guard let usualAuthorization = try? FetchURL(usual.authorization),
                let usualToken = try? FetchURL(usual.token)
            else { return nil }
            endpoints = .fixed(
                ProviderMetadata(
                    issuer: issuer ?? googleIssuer, authorizationEndpoint: authorization ?? usualAuthorization,
                    tokenEndpoint: token ?? usualToken, userinfoEndpoint: userinfo ?? (try? FetchURL(usual.userinfo)),
                    jwksURI: keys ?? (try? FetchURL(usual.keys))))
        }
        var configuration = OpenIDConfiguration(
            name: .google, label: "Google", issuer: .exactly(issuer ?? googleIssuer), endpoints: endpoints,
            clientID: client.id, clientSecret: client.secret)
        configuration.emailRule = .google
        // It says nothing of when.
        configuration.refreshesAuthTime = false
        configuration.hostedDomains = domains
        configuration.redirectURI = redirect?.text
        configuration.leeway = common.leeway
        configuration.allowsPlainHTTP = !common.isProduction
        return configuration
    }
}
