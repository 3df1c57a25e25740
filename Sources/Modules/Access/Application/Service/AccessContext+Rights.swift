import AccessContract
import AccessDomain
import AccountsContract
import Shared

extension AccessContext {
    /// What somebody may do by his roles of the platform, whether he can sign in or not.
    func platformRights(of user: UserRecord) throws -> PermissionSet {
        if user.standing.isAdministrator { return .all }
        return PermissionSet(try roles.roles(of: user.id.value).flatMap(\.permissions.permissions))
    }
}
