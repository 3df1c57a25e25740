import AccountsContract
import AccountsDomain
import Shared

/// A new password for somebody who forgot the old one.
package protocol ResetPassword: Sendable {
    /// Mails a link. Tells nobody whether the address is known.
    func request(email: EmailAddress) async throws
    func preview(_ token: String) async throws -> LinkPreview
    /// Sets the password and ends all sessions.
    func callAsFunction(_ token: String, password: Password, client: ClientInfo) async throws -> ResetPasswordOutcome
}

package enum ResetPasswordOutcome: Sendable, Equatable {
    case changed(Account)
    case refused(LinkRefusal)
    /// The password may not be set for this account.
    case weak(Password.Weakness)
}
