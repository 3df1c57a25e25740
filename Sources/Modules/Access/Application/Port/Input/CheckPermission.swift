import AccessDomain
import AccountsContract
import Shared

/// Whether somebody may do something on the platform, now.
package protocol CheckPermission: Sendable {
    /// - Returns: false also for who is blocked, deactivated or unknown.
    func callAsFunction(_ permission: Permission, of userID: UserID) async throws -> Bool
}
