import AccessDomain
import AccountsContract
import Shared

extension PermissionRegistry {
    /// As the program has it.
    package static let ofTests = PermissionRegistry(AccountsPermission.all + AccessPermission.all)
}
