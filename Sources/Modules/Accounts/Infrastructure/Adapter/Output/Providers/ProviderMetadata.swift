import AccountsApplication
import HTTPClient
import JSON
import Shared

/// Where an issuer is asked what (OpenID Connect Discovery 1.0 § 3).
struct ProviderMetadata: Sendable {
    let issuer: String
    var authorizationEndpoint: FetchURL
    var tokenEndpoint: FetchURL
    var userinfoEndpoint: FetchURL?
    var jwksURI: FetchURL?
    /// How clients prove themselves at the token endpoint; nil if the document does not say.
    var tokenAuthentication: [String]?
    /// Whether each callback says who it is (RFC 9207).
    var announcesIssuer = false

    init(
        issuer: String, authorizationEndpoint: FetchURL, tokenEndpoint: FetchURL, userinfoEndpoint: FetchURL?,
        jwksURI: FetchURL?
    ) {
        self.issuer = issuer
        self.authorizationEndpoint = authorizationEndpoint
        self.tokenEndpoint = tokenEndpoint
        self.userinfoEndpoint = userinfoEndpoint
        self.jwksURI = jwksURI
    }

    /// - Throws: `ProviderFault.misconfigured` naming the member that is missing or no URL.
    init(document: JSONValue) throws(ProviderFault) {
        func url(_ name: String) throws(ProviderFault) -> FetchURL? {
            guard let text = document[name]?.text else { return nil }
            guard let url = try? FetchURL(text) else {
                throw .misconfigured("the discovery document's \(name) is not a URL that Gapura takes")
            }
            return url
        }
        func needed(_ name: String) throws(ProviderFault) -> FetchURL {
            guard let url = try url(name) else { throw .misconfigured("the discovery document has no \(name)") }
            return url
        }
        guard let issuer = document["issuer"]?.text else {
            throw .misconfigured("the discovery document has no issuer")
        }
        self.issuer = issuer
        authorizationEndpoint = try needed("authorization_endpoint")
        tokenEndpoint = try needed("token_endpoint")
        userinfoEndpoint = try url("userinfo_endpoint")
        jwksURI = try needed("jwks_uri")
        tokenAuthentication = document["token_endpoint_auth_methods_supported"]?.elements?.compactMap(\.text)
        announcesIssuer = document["authorization_response_iss_parameter_supported"]?.flag == true
    }

    /// Where the document of an issuer is (Discovery § 4): a slash at the end of the issuer does not double.
    static func location(of issuer: String) -> String {
        "\(issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer)/.well-known/openid-configuration"
    }
}
