import AccessDomain
import Shared

/// Who has which roles of the platform, all of it in memory: asked inside other modules' units of work, and never
/// suspends.
package protocol RoleAssignments: Sendable {
    /// What somebody may do by roles of the platform; `admin`, which Accounts keeps, is not among them.
    ///
    /// - Returns: nil while this process does not hear of changes.
    func permissions(of userID: Identifier, at now: Timestamp) -> PermissionSet?
}
