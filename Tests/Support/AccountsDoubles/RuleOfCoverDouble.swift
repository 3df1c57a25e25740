import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared

/// Who may do everything may act on everybody; others on nobody who is an administrator or said to be strong.
package struct RuleOfCoverDouble: RuleOfCover {
    private let strong: Set<UserID>

    package init(strong: Set<UserID> = []) {
        self.strong = strong
    }

    package func mayAct(_ principal: Principal, on user: User) throws -> Bool {
        principal.permissions.covers(.all) || user.role != .admin && !strong.contains(user.id)
    }
}
