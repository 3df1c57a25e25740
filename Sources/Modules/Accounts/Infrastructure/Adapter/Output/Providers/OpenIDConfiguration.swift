import AccountsDomain
import Crypto
import HTTPClient
import Shared

/// What is set for one issuer of OpenID Connect.
struct OpenIDConfiguration: Sendable {
    /// How we prove ourselves at the token endpoint.
    enum ClientAuthentication: String, Sendable, CaseIterable {
        case basic, post
    }

    /// How far the issuer's word about addresses goes.
    enum EmailRule: Sendable, Equatable {
        case untrusted
        /// Its `email_verified` counts in full: the operator says so.
        case trusted
        /// Google gives the mailboxes of `gmail.com` and vouches for hosted domains; other addresses it checked once.
        case google
    }

    /// Where the endpoints come from.
    enum Endpoints: Sendable {
        /// The discovery document of this issuer; single endpoints may be set all the same.
        case discovered(at: String, authorization: FetchURL?, token: FetchURL?, userinfo: FetchURL?)
        case fixed(ProviderMetadata)
    }

    let name: ProviderName
    var label: String
    let issuer: IDTokenRules.Issuer
    let endpoints: Endpoints
    let clientID: String
    let clientSecret: Secret<String>
    /// Nil: as the discovery document says.
    var authentication: ClientAuthentication?
    var scopes = ["openid", "profile", "email"]
    var algorithms: Set<ForeignAlgorithm> = [.rs256, .ps256, .es256, .edDSA]
    var emailRule = EmailRule.untrusted
    var trustsMFA = false
    /// Whether it asks for the password again when told, and says when it did.
    var refreshesAuthTime = true
    /// Of Google's `hd`; empty: everybody.
    var hostedDomains: [String] = []
    /// Of `tid`, lower case; only with a template.
    var tenants: Set<String> = []
    var redirectURI: String?
    var leeway: Duration = .seconds(60)
    /// In development.
    var allowsPlainHTTP = false
    var trust = FetchTrust.system

    /// What `issuer` of the discovery document has to be.
    var documentIssuer: String {
        switch issuer {
        case .exactly(let text), .template(let text): text
        }
    }

    var rules: IDTokenRules {
        IDTokenRules(issuer: issuer, clientID: clientID, algorithms: algorithms, leeway: leeway)
    }
}
