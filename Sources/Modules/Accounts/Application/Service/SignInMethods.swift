import AccountsContract
import AccountsDomain
import Shared

/// The ways by which the owner of an account can sign in. The last one stays.
package struct SignInMethods: Sendable, Equatable {
    package var hasPassword: Bool
    /// A code or a link to a proved address.
    package var hasMailedCode: Bool
    /// Accounts at other companies.
    package var identities: Int

    package var isEmpty: Bool { !hasPassword && !hasMailedCode && identities == 0 }
}

extension AccountsContext {
    /// - Parameter removed: an identity that does not count any more.
    func signInMethods(of user: User, without removed: IdentityID? = nil) throws -> SignInMethods {
        SignInMethods(
            hasPassword: user.passwordHash != nil, hasMailedCode: user.isVerified,
            identities: try identities.all(of: user.id).count { $0.id != removed })
    }
}
