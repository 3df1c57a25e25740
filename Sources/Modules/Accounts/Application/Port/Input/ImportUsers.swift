import AccountsContract
import AccountsDomain
import Shared

/// Takes over accounts that were made elsewhere, with the hashes of their passwords. Sends no mails: who is not
/// verified asks for one.
package protocol ImportUsers: Sendable {
    /// Notes in the audit log that a run begins.
    ///
    /// - Parameters:
    ///   - id: names the run; nil for a name of its own.
    ///   - actor: nil for somebody at the machine itself.
    func begin(_ id: Identifier?, by actor: Principal?) async throws

    /// Makes what is not there yet, in one unit of work.
    ///
    /// - Parameter actor: who answers for each of them in the audit log; nil for somebody at the machine itself, for
    ///   whom the run alone is noted.
    /// - Returns: what became of each, in their order.
    func callAsFunction(_ users: [ImportedUser], by actor: Principal?) async throws -> [ImportUserOutcome]
}

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
