import AccessApplication
import AccessDomain
import Shared
import Synchronization

/// What people may do by roles, as a test says.
package final class RoleAssignmentsDouble: RoleAssignments {
    private let held = Mutex<[Identifier: PermissionSet]?>([:])

    package init() {}

    package func set(_ permissions: PermissionSet, of userID: Identifier) {
        held.withLock { $0?[userID] = permissions }
    }

    /// Changes are not heard of any more.
    package func lose() { held.withLock { $0 = nil } }

    package func permissions(of userID: Identifier, at now: Timestamp) -> PermissionSet? {
        held.withLock { held in held.map { $0[userID] ?? .empty } }
    }
}
