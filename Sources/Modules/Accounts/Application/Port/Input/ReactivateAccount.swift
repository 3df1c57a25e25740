import AccountsContract
import AccountsDomain
import Shared

/// The way back, or out, for people who have deactivated their account: they cannot sign in, so a mailed link is the
/// proof. What an administrator has deactivated or blocked is the administrator's to bring back.
package protocol ReactivateAccount: Sendable {
    /// Mails a link. Tells nobody whether there is such an account.
    func request(email: EmailAddress) async throws
    func preview(_ token: String) async throws -> LinkPreview
    func callAsFunction(_ token: String, client: ClientInfo) async throws -> ReactivateOutcome
    /// Deletes the account with everything that belongs to it.
    func erase(_ token: String, client: ClientInfo) async throws -> EraseDeactivatedOutcome
}

package enum ReactivateOutcome: Sendable, Equatable {
    case reactivated(Account)
    case refused(LinkRefusal)
}

package enum EraseDeactivatedOutcome: Sendable, Equatable {
    case erased(EmailAddress)
    case refused(LinkRefusal)
}
