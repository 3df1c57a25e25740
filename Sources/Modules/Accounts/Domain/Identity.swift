import AccountsContract
import Shared

/// Which company: `google`, `github`, `sber`, `supabase` or `oidc:<name>`.
package struct ProviderName: Sendable, Hashable {
    package let text: String

    /// As a row has it.
    package init(stored text: String) { self.text = text }

    /// An issuer of OpenID Connect that the operator named.
    package init(openID name: String) { text = "oidc:\(name)" }

    package static let google = ProviderName(stored: "google")
    package static let github = ProviderName(stored: "github")
    package static let sber = ProviderName(stored: "sber")
    package static let supabase = ProviderName(stored: "supabase")
}

/// How far a provider's word about an address goes.
package enum EmailTrust: String, Sendable {
    /// Not at all.
    case none
    /// It was checked once.
    case verified
    /// It is the owner's now: the provider gives the mailboxes, or vouches for them.
    case authoritative
}

/// The short list of what is kept of a provider's claims.
package struct IdentityClaims: Sendable, Equatable {
    package var name: String?
    package var givenName: String?
    package var familyName: String?
    /// The address of a picture.
    package var picture: String?
    package var locale: String?
    /// Google's hosted domain.
    package var hostedDomain: String?
    /// Microsoft's tenant.
    package var tenantID: String?

    package init(
        name: String? = nil, givenName: String? = nil, familyName: String? = nil, picture: String? = nil,
        locale: String? = nil, hostedDomain: String? = nil, tenantID: String? = nil
    ) {
        self.name = name
        self.givenName = givenName
        self.familyName = familyName
        self.picture = picture
        self.locale = locale
        self.hostedDomain = hostedDomain
        self.tenantID = tenantID
    }
}

/// An account at another company that signs a user in. Found by provider, issuer and subject, never by address.
package struct Identity: Sendable, Equatable {
    package let id: IdentityID
    package let userID: UserID
    package let provider: ProviderName
    package let issuer: String
    package let subject: String
    /// As the provider said it last; the account's own address is another thing.
    package var email: EmailAddress?
    package var emailTrust: EmailTrust
    package var claims: IdentityClaims
    package let linkedAt: Timestamp
    package var lastUsed: Timestamp

    package init(
        id: IdentityID, userID: UserID, provider: ProviderName, issuer: String, subject: String,
        email: EmailAddress?, emailTrust: EmailTrust, claims: IdentityClaims, linkedAt: Timestamp,
        lastUsed: Timestamp
    ) {
        self.id = id
        self.userID = userID
        self.provider = provider
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.emailTrust = emailTrust
        self.claims = claims
        self.linkedAt = linkedAt
        self.lastUsed = lastUsed
    }
}

extension ProviderName {
    /// How the callback's path names it: `google`, and `acme` for `oidc:acme`.
    package var segment: String {
        text.hasPrefix(Self.openIDPrefix) ? String(text.dropFirst(Self.openIDPrefix.count)) : text
    }

    private static let openIDPrefix = "oidc:"
}
