import AccessDomain
import Shared

/// Nobody changes the account of somebody who may do more.
package struct RuleOfCoverService: Sendable {
    private let assignments: any RoleAssignments
    private let clock: any WallClock

    package init(assignments: any RoleAssignments, clock: any WallClock) {
        self.assignments = assignments
        self.clock = clock
    }

    /// - Throws: `Unavailable` while this process does not hear of changes to roles.
    package func mayAct(
        _ principal: Principal, on user: Identifier, isAdministrator: Bool
    ) throws(Unavailable) -> Bool {
        if isAdministrator { return RuleOfCover.allows(principal.permissions, before: .all, after: nil) }
        guard let held = assignments.permissions(of: user, at: clock.now) else {
            throw Unavailable("roles", reason: "changes of other processes are not heard of")
        }
        return RuleOfCover.allows(principal.permissions, before: held, after: nil)
    }
}
