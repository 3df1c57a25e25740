import AccessContract
import AccessDomain
import AccountsContract
import Shared

package struct SetUserRolesCommand: Sendable {
    package let userID: UserID
    /// By name, each once or more.
    package let roles: [String]
    package let principal: Principal

    package init(userID: UserID, roles: [String], principal: Principal) {
        self.userID = userID
        self.roles = roles
        self.principal = principal
    }
}

package enum SetUserRolesOutcome: Sendable, Equatable {
    /// The roles that the user has now, by name.
    case set([Role])
    case unknownUser
    case invalid(InvalidFields)
    case refused(RoleRefusal)
}
