import AccountsContract
import AccountsDomain
import Shared

package enum ResetPasswordOutcome: Sendable, Equatable {
    case changed(Account)
    case refused(LinkRefusal)
    /// The password may not be set for this account.
    case weak(Password.Weakness)
}
