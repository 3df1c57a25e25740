import AccessDomain
import Shared

extension AccessContext {
    /// Asks the rule of cover, and leaves a line where it refuses.
    ///
    /// - Parameters:
    ///   - before: what is in the thing; nil if it is made.
    ///   - after: what will be in it; nil if it is removed.
    func mayWrite(
        before: PermissionSet?, after: PermissionSet?, _ action: String, on subject: String, _ principal: Principal
    ) throws -> Bool {
        if RuleOfCover.allows(principal.permissions, before: before, after: after) { return true }
        try audit(.refused(action, because: RoleRefusal.permissionDenied.rawValue, on: subject, by: principal))
        return false
    }
}
