import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// Which roles of the platform somebody has. `admin` is one of them, though Accounts keeps it.
package protocol ManageUserRoles: Sendable {
    /// By name; nil if there is no such user.
    func roles(of userID: UserID) async throws -> [Role]?

    /// Gives and takes what differs. The same again changes nothing; a run that was cut off is completed by the same
    /// again, since `admin` is another module's transaction.
    func setRoles(_ command: SetUserRolesCommand) async throws -> SetUserRolesOutcome
}

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
