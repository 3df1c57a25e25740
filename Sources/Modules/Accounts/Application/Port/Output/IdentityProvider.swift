import AccountsDomain
import Shared

/// Another company by which people sign in. An adapter knows its HTTP and its claims; linking, sessions, the second
/// factor and the audit log are not its business.
package protocol IdentityProvider: Sendable {
    var name: ProviderName { get }
    /// What a button says, e.g. "Google".
    var label: String { get }
    var capabilities: ProviderCapabilities { get }
    /// What `iss` of a callback must be, byte for byte, if it is there; nil if that is not known before the answer.
    var issuer: String? { get }
    /// Our callback's address as it is registered there; nil for the usual one below `APP_URL`.
    var redirectURI: String? { get }

    /// Where the browser is sent.
    func authorization(for flow: FlowRequest) async throws(ProviderFault) -> String
    /// Exchanges the callback's code, once, and checks everything that the provider answers.
    func exchange(_ callback: ProviderCallback, flow: FlowRequest) async throws(ProviderFault) -> ExternalProfile
}

extension IdentityProvider {
    package var issuer: String? { nil }
    package var redirectURI: String? { nil }
}

/// What a provider is able to do beyond the plain code flow.
package struct ProviderCapabilities: Sendable, Equatable {
    package var nonce: Bool
    package var pkce: Bool
    /// Asks for the password again when it is told `max_age`, and says when it did (`auth_time`): fit for a step-up.
    package var refreshesAuthTime: Bool
    /// Whether its `amr` counts as a second factor (`OIDC_<NAME>_TRUST_MFA`).
    package var trustsMFA: Bool
    /// Whether it says in each callback who it is (`iss`, RFC 9207).
    package var announcesIssuer: Bool

    package init(
        nonce: Bool, pkce: Bool, refreshesAuthTime: Bool = false, trustsMFA: Bool = false,
        announcesIssuer: Bool = false
    ) {
        self.nonce = nonce
        self.pkce = pkce
        self.refreshesAuthTime = refreshesAuthTime
        self.trustsMFA = trustsMFA
        self.announcesIssuer = announcesIssuer
    }
}

/// One way through a provider and back.
package struct FlowRequest: Sendable {
    /// 128 random bits, 22 characters of Base64url.
    package let state: String
    package let nonce: String
    /// Of PKCE (RFC 7636), 43 characters.
    package let verifier: Secret<String>
    /// Our callback's address, whole.
    package let redirectURI: String
    /// At most so old may the sign-in at the provider be; zero asks for the password anew.
    package let maxAge: Duration?
    /// BCP 47, for the provider's page.
    package let language: String?
    package let startedAt: Timestamp

    package init(
        state: String, nonce: String, verifier: Secret<String>, redirectURI: String, maxAge: Duration?,
        language: String?, startedAt: Timestamp
    ) {
        self.state = state
        self.nonce = nonce
        self.verifier = verifier
        self.redirectURI = redirectURI
        self.maxAge = maxAge
        self.language = language
        self.startedAt = startedAt
    }
}

/// What a provider's callback brought.
package struct ProviderCallback: Sendable {
    package let code: Secret<String>
    /// `iss`, if there.
    package let issuer: String?

    package init(code: Secret<String>, issuer: String?) {
        self.code = code
        self.issuer = issuer
    }
}

/// Whom a provider says that somebody is.
package struct ExternalProfile: Sendable, Equatable {
    package let issuer: String
    /// 1 to 255 bytes, compared as bytes.
    package let subject: String
    package let email: EmailAddress?
    package let emailTrust: EmailTrust
    package let claims: IdentityClaims
    /// When its person last gave proof there, if it says so.
    package let authTime: Timestamp?
    /// Its `amr`.
    package let methods: [String]

    package init(
        issuer: String, subject: String, email: EmailAddress?, emailTrust: EmailTrust, claims: IdentityClaims,
        authTime: Timestamp? = nil, methods: [String] = []
    ) {
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.emailTrust = emailTrust
        self.claims = claims
        self.authTime = authTime
        self.methods = methods
    }
}

/// Why a way through a provider ended without a profile.
package enum ProviderFault: Error, Sendable, Equatable {
    /// The person, or the provider for him, said no.
    case denied
    /// It did not answer in time, or with an error of its own, or with something else than JSON.
    case unavailable(retryAfter: Duration?)
    /// Its answer failed a check; the reason is for the log.
    case rejected(reason: String)
    /// Who signed in may not by our settings: another hosted domain, another tenant.
    case notAllowed
    /// Our settings do not fit the provider; the text is for the log.
    case misconfigured(String)
}
