import AccountsContract
import AccountsDomain
import Shared

/// An account as it was elsewhere.
package struct ImportedUser: Sendable {
    package let email: EmailAddress
    /// Of a format and cost that the hasher takes; nil for an account without a password.
    package let passwordHash: Secret<String>?
    package let isVerified: Bool
    package let username: String?
    package let profile: Profile
    /// A language tag; nil for the usual one.
    package let locale: String?
    /// Nil for now.
    package let createdAt: Timestamp?

    package init(
        email: EmailAddress, passwordHash: Secret<String>? = nil, isVerified: Bool = false, username: String? = nil,
        profile: Profile = Profile(), locale: String? = nil, createdAt: Timestamp? = nil
    ) {
        self.email = email
        self.passwordHash = passwordHash
        self.isVerified = isVerified
        self.username = username
        self.profile = profile
        self.locale = locale
        self.createdAt = createdAt
    }
}

package enum ImportUserOutcome: Sendable, Equatable {
    case created
    /// Created in the place of an account whose address nobody had proved, which is erased.
    case replacedClaim
    /// The address belongs to an account, which stays as it is.
    case emailTaken
}
