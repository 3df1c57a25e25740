import AccessDomain
import Shared

package struct OwnRights: Sendable, Equatable {
    /// By name.
    package let roles: [String]
    package let plan: PlanCode

    package init(roles: [String], plan: PlanCode) {
        self.roles = roles
        self.plan = plan
    }
}
