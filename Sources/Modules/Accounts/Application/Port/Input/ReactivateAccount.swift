import AccountsContract
import AccountsDomain
import Shared

package enum ReactivateOutcome: Sendable, Equatable {
    case reactivated(Account)
    case refused(LinkRefusal)
}

package enum EraseDeactivatedOutcome: Sendable, Equatable {
    case erased(EmailAddress)
    case refused(LinkRefusal)
}
