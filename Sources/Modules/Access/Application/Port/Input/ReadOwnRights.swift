import AccessDomain
import Shared

/// By which roles and which plan somebody has what they have.
package protocol ReadOwnRights: Sendable {
    /// Nil if the account is gone.
    func callAsFunction(_ userID: Identifier) async throws -> OwnRights?
}

package struct OwnRights: Sendable, Equatable {
    /// By name.
    package let roles: [String]
    package let plan: PlanCode

    package init(roles: [String], plan: PlanCode) {
        self.roles = roles
        self.plan = plan
    }
}
